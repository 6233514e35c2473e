import { mkdtempSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import { afterAll, vi } from "vitest";
import type { PrismaClient } from "../../src/generated/prisma/client.ts";
import type { MailTemplate } from "../../src/platform/mail/mail.ts";

/**
 * A folder for the mails of a test file: pass `folder` to `testHouston` as `email.folder`. Removed after the file's last
 * test.
 */
export function createMailbox() {
  const folder = mkdtempSync(join(tmpdir(), "houston-mailbox-"));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** The mails written so far to `address`, oldest first. */
  async function mails(template: MailTemplate, address: string) {
    const names = (await readdir(folder)).filter((name) => name.includes(`-${template}-${address}-`)).sort();
    return Promise.all(
      names
        .filter((name) => name.endsWith(".eml"))
        .map(async (name) => simpleParser(await readFile(join(folder, name)))),
    );
  }

  /** The token in the link of the `nth` mail to `address`, once the worker has written it. */
  async function token(template: MailTemplate, address: string, nth = 1): Promise<string> {
    return vi.waitFor(
      async () => {
        const text = (await mails(template, address))[nth - 1]?.text ?? "";
        const found = /[?&](?:inviteT|t)oken=([^\s&]+)/.exec(text)?.[1];
        if (!found) throw new Error(`no mail ${template} number ${nth} to ${address} yet`);
        return decodeURIComponent(found);
      },
      { timeout: 10_000, interval: 50 },
    );
  }

  /** Waits until every mail queued so far is written. */
  async function settled(db: PrismaClient): Promise<void> {
    await vi.waitFor(
      async () => {
        const waiting = await db.$queryRaw<
          unknown[]
        >`SELECT id FROM graphile_worker.jobs WHERE task_identifier = 'sendMail'`;
        if (waiting.length > 0) throw new Error(`${waiting.length} mails are not written yet`);
      },
      { timeout: 10_000, interval: 50 },
    );
  }

  return { folder, mails, token, settled };
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "houston-left-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts `npm test` for some files, with `folder` as the system's temporary folder. */
async function start(...files: string[]): Promise<ChildProcess> {
  await chmod(folder, 0o711);
  const { VITEST: _, VITEST_WORKER_ID: __, VITEST_POOL_ID: ___, ...env } = process.env;
  return spawn(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...files], {
    env: { ...env, TMPDIR: folder },
    stdio: "ignore",
  });
}

const left = () => readdirSync(folder);

describe("npm test leaves nothing in the system's temporary folder", () => {
  it("after a run with PostgreSQL, a server, e-mails and secrets", async () => {
    const child = await start("test/config/ensureSecrets.test.ts", "test/users/confirmEmail.test.ts");
    const [code] = await once(child, "close");
    expect(code).toBe(0);
    expect(left()).toEqual([]);
  }, 120_000);

  it("after Ctrl-C", async () => {
    const child = await start("test/users/confirmEmail.test.ts");
    await expect.poll(() => left().some((name) => name.startsWith("houston-tests-")), { timeout: 60_000 }).toBe(true);
    const [tests = ""] = left().filter((name) => name.startsWith("houston-tests-"));
    // PostgreSQL is being started, or runs.
    await expect.poll(() => readdirSync(join(folder, tests)).length, { timeout: 60_000 }).toBeGreaterThan(0);
    child.kill("SIGINT");
    await once(child, "close");
    await expect
      .poll(() => left().filter((name) => name.startsWith("houston-tests-")), { timeout: 15_000 })
      .toEqual([]);
  }, 120_000);
});

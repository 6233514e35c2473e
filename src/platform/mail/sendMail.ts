import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { JobHelpers, Task } from "graphile-worker";
import { createTransport, type SendMailOptions } from "nodemailer";
import type { Logger } from "pino";
import { z } from "zod";
import type { Config } from "../config/config.ts";
import type { SecretBox } from "../secrets/secretBox.ts";
import { BOUND_TO, type Mail, type MailPayload } from "./mail.ts";
import { oneLine, renderMail } from "./renderMail.ts";
import { smtpTransport } from "./smtpTransport.ts";
import { loadTemplates } from "./templates.ts";
import { writeMail } from "./writeMail.ts";

/** The longest that sending one mail may take, in ms. Workers that hold a mail much longer count as dead (`unlockJobs`). */
const LIMIT = 120_000;

/**
 * The task "sendMail": sends a queued mail by SMTP, or writes it to a file when no server is configured. A mail that the
 * server refuses for good is kept as a failed job and not tried again; any other failure is. Throws an error for the
 * operator when a template is unusable. Neither bodies nor links are ever logged.
 */
export function sendMail(options: {
  email: Config["email"];
  dataFolder: string;
  secrets: SecretBox;
  log: Logger;
}): Task {
  const { email, secrets, log } = options;
  const templates = loadTemplates(email.templatesFolder);
  const smtp = smtpTransport(email);
  const folder = email.folder ?? join(options.dataFolder, "mail");

  return async (payload, job) => {
    const { id, sealed } = payload as MailPayload;
    const mail = JSON.parse(secrets.open(sealed, BOUND_TO)) as Mail;
    const message = { ...addressed(email.reply, mail.to, id), ...renderMail(templates, mail) };
    const about = { template: mail.template, to: mail.to, messageId: message.messageId };
    if (!smtp) {
      const path = await writeMail(folder, { ...mail, content: await compose(message), now: new Date() });
      log.info({ ...about, path }, "mail written");
      return;
    }
    const signal = AbortSignal.any([job.abortSignal, AbortSignal.timeout(LIMIT)]);
    try {
      await smtp.sendMail({ ...message, signal });
    } catch (error) {
      await noteFailure(error, job, id, log.child(about));
      throw error;
    }
    log.info(about, "mail sent");
  };
}

/** The same mail has the same Message-ID at each attempt, so that a mailbox can tell a repeated one. */
function addressed(from: string, to: string, id: string) {
  const domain = /@([\w.-]+)/.exec(from)?.[1] ?? "localhost";
  return {
    from: oneLine(from),
    // As an object it stays one address, whatever it contains.
    to: { name: "", address: z.email().parse(to) },
    messageId: `<${id}@${domain}>`,
    // Keeps vacation notices from answering.
    headers: { "Auto-Submitted": "auto-generated" },
    disableFileAccess: true,
    disableUrlAccess: true,
  } satisfies SendMailOptions;
}

/** As a file, with the text as it is: people open it in an editor and copy the link, which encoding would break in two. */
async function compose({ text, ...rest }: SendMailOptions): Promise<Buffer> {
  const plain = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
  const message = { ...rest, text: { raw: plain + String(text).replace(/\r?\n/g, "\r\n") } };
  const { message: content } = await createTransport({ streamTransport: true, buffer: true }).sendMail(message);
  return Buffer.isBuffer(content) ? content : buffer(content);
}

/** Keeps the job from being tried again when another attempt would get the same answer. */
async function noteFailure(error: unknown, helpers: JobHelpers, id: string, log: Logger): Promise<void> {
  const { attempts, max_attempts } = helpers.job;
  if (isRefusal(error)) {
    // For a job that runs, this ends its attempts; the row stays and shows the error.
    await helpers.query("SELECT graphile_worker.remove_job($1)", [id]);
    log.error({ err: error }, "mail refused by the server; it is not tried again");
  } else if (attempts >= max_attempts) {
    log.error({ err: error, attempts }, "mail given up");
  } else {
    log.warn({ err: error, attempts }, "mail not sent; it is tried again later");
  }
}

/** 550–559 to the recipient or the content. The same to a login or the sender is the operator's to mend, so it is retried. */
function isRefusal(error: unknown): boolean {
  const { responseCode, command } = error as { responseCode?: unknown; command?: unknown };
  const final = typeof responseCode === "number" && responseCode >= 550 && responseCode <= 559;
  return final && (command === "RCPT TO" || command === "DATA");
}

import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { JobHelpers, Task } from "graphile-worker";
import { createTransport, type SendMailOptions } from "nodemailer";
import pLimit from "p-limit";
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { canonicalAddress } from "../input/emailAddress.ts";
import type { Sender } from "../input/parseSender.ts";
import type { SecretBox } from "../secrets/secretBox.ts";
import { MAIL_SECRET, type Mail, type MailPayload } from "./mail.ts";
import { createOutage } from "./outage.ts";
import { oneLine, renderMail } from "./renderMail.ts";
import { smtpTransport } from "./smtpTransport.ts";
import { loadTemplates } from "./templates.ts";
import { writeMail } from "./writeMail.ts";

/** Maximum duration of sending one e-mail, in ms. A worker that holds one much longer counts as dead (`unlockJobs`). */
const TIMEOUT = 120_000;

/**
 * The task "sendMail": sends a queued e-mail by SMTP, or writes it to a file if no server is configured. An e-mail that
 * the server rejects permanently is kept as a failed job and not retried; any other failure is retried. With "retryMails",
 * e-mails are sent soon after an outage of the server. Throws an error for the operator if a template is invalid. Bodies
 * and links are never logged.
 */
export function mailTasks(options: {
  email: Config["email"];
  sender: Sender;
  dataFolder: string;
  secrets: SecretBox;
  log: Logger;
}): { sendMail: Task; retryMails: Task } {
  const { email, secrets, log } = options;
  const templates = loadTemplates(email.templatesFolder);
  const smtp = smtpTransport(email);
  const outage = createOutage(smtp, log);
  // So that at most one e-mail has been sent and not recorded when the process is killed.
  const oneByOne = pLimit(1);
  const folder = email.folder ?? join(options.dataFolder, "mail");

  const sendMail: Task = async (payload, job) => {
    const { id, sealed } = payload as MailPayload;
    const mail = JSON.parse(secrets.open(sealed, MAIL_SECRET)) as Mail;
    const message = { ...addressed(options.sender, mail.to, id), ...renderMail(templates, mail) };
    const about = { template: mail.template, to: mail.to, messageId: message.messageId };
    if (!smtp) {
      const path = await writeMail(folder, {
        ...mail,
        content: await compose(message),
        id,
        queuedAt: job.job.created_at,
      });
      log.info({ ...about, path }, "E-mail written to a file");
      return;
    }
    const signal = AbortSignal.any([job.abortSignal, AbortSignal.timeout(TIMEOUT)]);
    try {
      await oneByOne(async () => {
        outage.assertOver();
        await smtp.sendMail({ ...message, signal });
        await endAttempts(job, id);
      });
    } catch (error) {
      await handleFailure(error, job, id, log.child(about));
      throw await outage.afterFailure(error, job);
    }
    log.info(about, "E-mail sent");
  };
  return { sendMail, retryMails: outage.retryMails };
}

/** An e-mail has the same Message-ID at each attempt, so that mailboxes can recognize a repeated one. */
function addressed(from: Sender, to: string, id: string) {
  const address = canonicalAddress(to);
  if (address === undefined) throw new Error(`Not an e-mail address: ${to}`);
  return {
    // As objects, each stays one address whatever it contains.
    from: { name: oneLine(from.name), address: from.address },
    to: { name: "", address },
    messageId: `<${id}@${from.address.slice(from.address.lastIndexOf("@") + 1)}>`,
    // Prevents automatic replies.
    headers: { "Auto-Submitted": "auto-generated" },
    disableFileAccess: true,
    disableUrlAccess: true,
  } satisfies SendMailOptions;
}

/** The file content, with unencoded text: people copy the link from an editor, and an encoding would split it. */
async function compose({ text, ...rest }: SendMailOptions): Promise<Buffer> {
  const plain = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
  const message = { ...rest, text: { raw: plain + String(text).replace(/\r?\n/g, "\r\n") } };
  const { message: content } = await createTransport({ streamTransport: true, buffer: true }).sendMail(message);
  return Buffer.isBuffer(content) ? content : buffer(content);
}

/** Logs a failure, and prevents retries if another attempt would fail the same way. */
async function handleFailure(error: unknown, helpers: JobHelpers, id: string, log: Logger): Promise<void> {
  const { attempts, max_attempts } = helpers.job;
  if (isPermanent(error)) {
    // The row stays and shows the error.
    await endAttempts(helpers, id);
    log.error({ err: error }, "E-mail rejected by the server; it is not retried");
  } else if (attempts >= max_attempts) {
    log.error({ err: error, attempts }, "E-mail not sent; no attempts left");
  } else {
    log.warn({ err: error, attempts }, "E-mail not sent; it is retried later");
  }
}

/**
 * Ends the attempts of a running job. If the server is killed right after an e-mail was sent, it is not sent again, and
 * `unlockJobs` removes the job.
 */
const endAttempts = ({ query }: Pick<JobHelpers, "query">, id: string) =>
  query("SELECT graphile_worker.remove_job($1)", [id]);

/** 550–559 for the recipient or the content. For a login or the sender, the operator can fix it, so it is retried. */
function isPermanent(error: unknown): boolean {
  const { responseCode, command } = error as { responseCode?: unknown; command?: unknown };
  const final = typeof responseCode === "number" && responseCode >= 550 && responseCode <= 559;
  return final && (command === "RCPT TO" || command === "DATA");
}

import { randomUUID } from "node:crypto";
import { badInput } from "../errors/appError.ts";
import { canonicalAddress } from "../input/emailAddress.ts";
import { addJobs } from "../jobs/addJobs.ts";
import type { SecretBox } from "../secrets/secretBox.ts";
import { MAIL_SECRET, type Mail, type MailPayload } from "./mail.ts";

type Transaction = Parameters<typeof addJobs>[0];

/**
 * Queues an e-mail that is sent once `tx` is committed, with up to 25 attempts over about four days. Throws
 * BAD_USER_INPUT if `to` is not an e-mail address.
 */
export const queueMail = (ctx: { secrets: SecretBox }, tx: Transaction, mail: Mail): Promise<void> =>
  queueMails(ctx, tx, [mail]);

/** Queues e-mails as `queueMail` does, by one statement. */
export async function queueMails(ctx: { secrets: SecretBox }, tx: Transaction, mails: readonly Mail[]): Promise<void> {
  if (mails.some(({ to }) => canonicalAddress(to) === undefined)) throw badInput("email", "must be an e-mail address");
  const jobs = mails.map((mail) => {
    const id = randomUUID();
    const payload: MailPayload = { id, sealed: ctx.secrets.seal(JSON.stringify(mail), MAIL_SECRET) };
    return { jobKey: id, payload };
  });
  await addJobs(tx, "sendMail", jobs, { maxAttempts: 25 });
}

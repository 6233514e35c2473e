import { randomUUID } from "node:crypto";
import { badInput } from "../errors/appError.ts";
import { canonicalAddress } from "../input/emailAddress.ts";
import { addJob } from "../jobs/addJob.ts";
import type { SecretBox } from "../secrets/secretBox.ts";
import { BOUND_TO, type Mail, type MailPayload } from "./mail.ts";

/**
 * Queues an e-mail that is sent once `tx` is committed, with up to 25 attempts over about four days. Throws
 * BAD_USER_INPUT if `to` is not an e-mail address.
 */
export async function queueMail(
  ctx: { secrets: SecretBox },
  tx: Parameters<typeof addJob>[0],
  mail: Mail,
): Promise<void> {
  if (canonicalAddress(mail.to) === undefined) throw badInput("email", "must be an e-mail address");
  const id = randomUUID();
  const payload: MailPayload = { id, sealed: ctx.secrets.seal(JSON.stringify(mail), BOUND_TO) };
  await addJob(tx, "sendMail", payload, { jobKey: id, maxAttempts: 25 });
}

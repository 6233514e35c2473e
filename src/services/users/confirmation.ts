import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { links } from "../../platform/mail/links.ts";
import { queueMail } from "../../platform/mail/queueMail.ts";
import { hashOf, newToken } from "../../platform/secrets/tokens.ts";

/** How long the link in a confirmation mail works, in milliseconds. */
const LIFE = 24 * 60 * 60 * 1000;

/** A new confirmation: its token for the mail, and the columns of Email to store. An earlier token is void once they are. */
export function newConfirmation(ctx: Pick<Context, "now">) {
  const token = newToken();
  const confirmTokenExpiresAt = new Date(ctx.now().getTime() + LIFE);
  return { token, columns: { confirmTokenHash: hashOf(token), confirmTokenExpiresAt } };
}

/** Queues the confirmation mail. */
export function queueConfirmation(
  ctx: Pick<Context, "config" | "secrets">,
  tx: Prisma.TransactionClient,
  address: string,
  token: string,
): Promise<void> {
  // Whoever signed up chose the names, and the address may be a stranger's: no words of theirs in our mail.
  const data = { name: address, link: links(ctx.config).confirm(token), expiresIn: "24 hours" };
  return queueMail(ctx, tx, { template: "confirm", to: address, data });
}

import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { links } from "../../platform/mail/links.ts";
import { queueMail } from "../../platform/mail/queueMail.ts";
import { hashOf, newToken } from "../../platform/secrets/tokens.ts";

/** Lifetime of the link in a confirmation e-mail, in milliseconds. */
const LIFETIME = 24 * 60 * 60 * 1000;

/** A new confirmation: the token for the e-mail, and the columns of Email to store, which invalidate an earlier token. */
export function newConfirmation(ctx: Pick<Context, "now">) {
  const token = newToken();
  const confirmTokenExpiresAt = new Date(ctx.now().getTime() + LIFETIME);
  return { token, columns: { confirmTokenHash: hashOf(token), confirmTokenExpiresAt } };
}

/** Queues the confirmation e-mail. */
export function queueConfirmation(
  ctx: Pick<Context, "config" | "secrets">,
  tx: Prisma.TransactionClient,
  address: string,
  token: string,
): Promise<void> {
  // The name is chosen by the person who signed up, and the address may be someone else's: do not send their text.
  const data = { name: address, link: links(ctx.config).confirm(token), expiresIn: "24 hours" };
  return queueMail(ctx, tx, { template: "confirm", to: address, data });
}

/** Sends a new link to confirm an address, which invalidates the previous one. */
export async function requestConfirmation(
  ctx: Pick<Context, "config" | "secrets" | "now">,
  tx: Prisma.TransactionClient,
  address: string,
): Promise<void> {
  const { token, columns } = newConfirmation(ctx);
  await tx.email.update({ where: { address }, data: columns, select: { id: true } });
  await queueConfirmation(ctx, tx, address, token);
}

import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { links } from "../../platform/mail/links.ts";
import { queueMail } from "../../platform/mail/queueMail.ts";
import { hashOf, newToken } from "../../platform/secrets/tokens.ts";
import { NO_PASSWORD } from "./password.ts";
import { queueDecoyMail } from "./queueDecoyMail.ts";

/** Lifetime of the link in a reset e-mail, in milliseconds. */
const LIFETIME = 60 * 60 * 1000;

/**
 * Queues an e-mail with a link for setting a password, if the address is the primary one of an active user, with or
 * without a password; invalidates the previous link. Returns the ID of that user. Takes as long for every other address.
 */
export async function queueReset(
  ctx: Pick<Context, "config" | "now" | "secrets">,
  tx: Prisma.TransactionClient,
  { address, template }: { address: string; template: "reset" | "exists" },
): Promise<string | undefined> {
  const user = await tx.user.findFirst({
    where: { status: "active", emails: { some: { address, primary: true } } },
    select: { id: true, username: true, fullName: true },
  });
  if (!user) {
    await queueDecoyMail(tx);
    return undefined;
  }
  await queueResetOf(ctx, tx, user, { address, template });
  return user.id;
}

/** Queues the e-mail for a user who has been found. */
export async function queueResetOf(
  ctx: Pick<Context, "config" | "now" | "secrets">,
  tx: Prisma.TransactionClient,
  user: { id: string; username: string; fullName: string },
  { address, template }: { address: string; template: "reset" | "exists" },
): Promise<void> {
  const token = newToken();
  const reset = { resetTokenHash: hashOf(token), resetTokenExpiresAt: new Date(ctx.now().getTime() + LIFETIME) };
  await tx.localCredential.upsert({
    where: { userId: user.id },
    create: { userId: user.id, passwordHash: NO_PASSWORD, ...reset },
    update: reset,
  });
  const data = { name: user.fullName || user.username, link: links(ctx.config).reset(token), expiresIn: "1 hour" };
  await queueMail(ctx, tx, { template, to: address, data });
}

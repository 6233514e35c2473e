import type { Context } from "../../access/context.ts";
import { endSessions } from "../../access/endSessions.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { links } from "../../platform/mail/links.ts";
import { queueMail } from "../../platform/mail/queueMail.ts";
import { hashOf, newToken } from "../../platform/secrets/tokens.ts";
import { NO_PASSWORD } from "./password.ts";

/** Lifetime of the link in the e-mail, in milliseconds. */
const LIFETIME = 24 * 60 * 60 * 1000;

/**
 * Makes the password of a user invalid, ends their sessions, and sends a link for a new password to the address. Does
 * nothing for a user without a password.
 */
export async function discardPassword(
  ctx: Pick<Context, "config" | "now" | "secrets">,
  tx: Prisma.TransactionClient,
  { userId, address }: { userId: string; address: string },
): Promise<void> {
  const token = newToken();
  const { count } = await tx.localCredential.updateMany({
    where: { userId, NOT: { passwordHash: NO_PASSWORD } },
    data: {
      passwordHash: NO_PASSWORD,
      resetTokenHash: hashOf(token),
      resetTokenExpiresAt: new Date(ctx.now().getTime() + LIFETIME),
    },
  });
  if (count === 0) return;
  await endSessions(tx, userId);
  if (!ctx.config.auth.local.enabled) return;
  // Not the name, which whoever signed up chose.
  const data = { name: address, link: links(ctx.config).reset(token), expiresIn: "24 hours" };
  await queueMail(ctx, tx, { template: "password", to: address, data });
}

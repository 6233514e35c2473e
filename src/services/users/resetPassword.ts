import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { endSessions } from "../../access/endSessions.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { hashOf } from "../../platform/secrets/tokens.ts";
import { activateUser } from "./activateUser.ts";
import { type AuthUser, authUserOf } from "./authUser.ts";
import { Duration, type IssuedToken, issueToken } from "./issueToken.ts";
import { assertLocalSignIn } from "./localSignIn.ts";
import { hashPassword, Password } from "./password.ts";

const Input = z.object({
  token: z.string("needs the token from the mail"),
  password: Password,
  duration: Duration,
});

const badToken = () => badInput("token", "this link is unknown, used or too old; ask for a new mail");

/**
 * Sets the password of the user a token was mailed to, ends their sessions and signs them in. The token came by mail, so
 * their address is verified by it. It works once. Throws BAD_USER_INPUT for one that is unknown, used, replaced or too old.
 */
export async function resetPassword(ctx: Context, input: unknown): Promise<AuthUser> {
  assertLocalSignIn(ctx);
  const { token, password, duration } = parse(Input, input);
  const resetTokenHash = hashOf(token);
  // Turns away, before a password is hashed, what cannot succeed. The transaction decides.
  const known = await ctx.db.localCredential.count({
    where: { resetTokenHash, resetTokenExpiresAt: { gt: ctx.now() } },
  });
  if (known === 0) throw badToken();
  const passwordHash = await hashPassword(password);

  const issued = await ctx.db.$transaction(async (tx): Promise<IssuedToken> => {
    const now = ctx.now().toISOString();
    const [credential] = await tx.$queryRaw<{ userId: string }[]>`UPDATE "LocalCredential"
      SET "passwordHash" = ${passwordHash}, "resetTokenHash" = NULL, "resetTokenExpiresAt" = NULL,
        "updatedAt" = ${now}::timestamp
      WHERE "resetTokenHash" = ${resetTokenHash} AND "resetTokenExpiresAt" > ${now}::timestamp
      RETURNING "userId"`;
    if (!credential) throw badToken();
    const { userId } = credential;
    await endSessions(tx, userId);
    await verifyPrimary(ctx, tx, userId);
    await recordAudit(ctx, tx, { action: "resetPassword", entityType: "User", entityId: userId });
    return issueToken(ctx, tx, userId, duration);
  });
  return authUserOf(ctx, issued);
}

/** Reset mails go to the primary address only. */
async function verifyPrimary(ctx: Context, tx: Prisma.TransactionClient, userId: string): Promise<void> {
  const email = await tx.email.findFirst({ where: { userId, primary: true }, select: { userId: true, address: true } });
  if (email) await activateUser(ctx, tx, email);
}

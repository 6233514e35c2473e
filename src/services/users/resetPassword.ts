import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { endSessions } from "../../access/endSessions.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { MailToken } from "../../platform/mail/tokenFrom.ts";
import { hashOf } from "../../platform/secrets/tokens.ts";
import { activateUser } from "./activateUser.ts";
import { type AuthUser, authUserOf } from "./authUser.ts";
import { Duration, type IssuedToken, issueToken } from "./issueToken.ts";
import { assertDomainHasPasswords, assertLocalSignIn } from "./localSignIn.ts";
import { assertNotOwnWord } from "./ownWords.ts";
import { hashPassword, Password } from "./password.ts";
import { accountOf, forgetFailures } from "./signInAttempt.ts";

const Input = z.object({
  token: MailToken("must be the token from the e-mail"),
  password: Password,
  duration: Duration,
});

const badToken = () => badInput("token", "is unknown, used or expired; request a new e-mail");

/**
 * Sets the password of the user a token was sent to, ends their sessions and signs them in. The token was sent by
 * e-mail, so it also verifies the address. It works once. Throws BAD_USER_INPUT for one that is unknown, used, replaced
 * or expired.
 */
export async function resetPassword(ctx: Context, input: unknown): Promise<AuthUser> {
  assertLocalSignIn(ctx);
  const { token, password, duration } = parse(Input, input);
  const resetTokenHash = hashOf(token);
  // Rejects invalid tokens before a password is hashed. The transaction checks again.
  const matching = await ctx.db.localCredential.findFirst({
    where: { resetTokenHash, resetTokenExpiresAt: { gt: ctx.now() } },
    select: { user: { select: { username: true, emails: { select: { address: true } } } } },
  });
  if (!matching) throw badToken();
  const { username, emails } = matching.user;
  assertDomainHasPasswords(ctx, { username, addresses: emails.map(({ address }) => address) });
  assertNotOwnWord(ctx, password, { username, addresses: emails.map(({ address }) => address) }, "password");
  const passwordHash = await hashPassword(password, ctx.config.auth.local.passwordCost);

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
    await forgetFailures(ctx, tx, accountOf(userId));
    await verifyPrimary(ctx, tx, userId);
    await recordAudit(ctx, tx, { action: "resetPassword", entityType: "User", entityId: userId });
    return issueToken(ctx, tx, userId, duration);
  });
  return authUserOf(ctx, issued);
}

/** Reset e-mails are only sent to the primary address. */
async function verifyPrimary(ctx: Context, tx: Prisma.TransactionClient, userId: string): Promise<void> {
  const email = await tx.email.findFirst({ where: { userId, primary: true }, select: { userId: true, address: true } });
  if (email) await activateUser(ctx, tx, { ...email, password: "now" });
}

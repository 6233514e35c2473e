import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { MailToken } from "../../platform/mail/tokenFrom.ts";
import { hashOf } from "../../platform/secrets/tokens.ts";
import { activateUser } from "./activateUser.ts";
import { type AuthUser, authUserOf } from "./authUser.ts";
import { Duration, issueToken } from "./issueToken.ts";
import { assertDomainHasPasswords, assertLocalSignIn } from "./localSignIn.ts";

const Input = z.object({ token: MailToken("must be the token from the e-mail"), duration: Duration });

/**
 * Confirms the address that a token was sent to, activates its user with the roles of the address's invitations, and
 * signs them in. If there are invitations, the password from before does not count, and an e-mail has a link for a new
 * one. A token works once. Throws BAD_USER_INPUT for one that is unknown, used, replaced or expired.
 */
export async function confirmEmail(ctx: Context, input: unknown): Promise<AuthUser> {
  assertLocalSignIn(ctx);
  const { token, duration } = parse(Input, input);
  const issued = await ctx.db.$transaction(async (tx) => {
    await lockPassword(tx, token);
    const [email] = await tx.$queryRaw<{ userId: string; address: string }[]>`UPDATE "Email"
      SET "confirmTokenHash" = NULL, "confirmTokenExpiresAt" = NULL
      WHERE "confirmTokenHash" = ${hashOf(token)} AND "confirmTokenExpiresAt" > ${ctx.now().toISOString()}::timestamp
      RETURNING "userId", address`;
    if (!email) throw badInput("token", "is unknown, used or expired; request a new e-mail");
    assertDomainHasPasswords(ctx, { addresses: [email.address] });
    await activateUser(ctx, tx, { ...email, password: "before" });
    await recordAudit(ctx, tx, {
      action: "confirmEmail",
      entityType: "User",
      entityId: email.userId,
      detail: { email: email.address },
    });
    return issueToken(ctx, tx, email.userId, duration);
  });
  return authUserOf(ctx, issued);
}

/** Before the address, in the order of password changes. */
const lockPassword = (tx: Prisma.TransactionClient, token: string) =>
  tx.$queryRaw`SELECT id FROM "LocalCredential"
    WHERE "userId" = (SELECT "userId" FROM "Email" WHERE "confirmTokenHash" = ${hashOf(token)}) FOR NO KEY UPDATE`;

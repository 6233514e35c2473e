import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { type AuthUser, authUserOf } from "./authUser.ts";
import { Duration, issueToken } from "./issueToken.ts";
import { assertLocalSignIn } from "./localSignIn.ts";
import { passwordMatches } from "./password.ts";

const IDENTITY = "needs an e-mail address or a username";

const Input = z.object({
  identity: z.string(IDENTITY).trim().min(1, IDENTITY),
  password: z.string("needs the password"),
  duration: Duration,
});

/** Unknown identity, wrong password and no password at all answer alike. */
const wrong = () => new AppError("UNAUTHENTICATED", "Invalid username or password");

/**
 * Signs a person in by e-mail address (in upper or lower case) or username. Throws UNAUTHENTICATED for an unknown one
 * and for a wrong password, after the same time; FORBIDDEN for the right password while the e-mail is not confirmed.
 */
export async function createToken(ctx: Context, input: unknown): Promise<AuthUser> {
  assertLocalSignIn(ctx);
  const { identity, password, duration } = parse(Input, input);
  const user = await userBy(ctx, identity);
  const passwordHash = user?.localCredential?.passwordHash;
  const matches = await passwordMatches(password, passwordHash);
  if (!user || !matches) throw wrong();
  if (user.status !== "active") {
    throw new AppError("FORBIDDEN", "Confirm your e-mail address first, with the link from the mail we sent");
  }
  const token = await ctx.db.$transaction(async (tx) => {
    // A password that was changed since it was compared must not open a session that the change has not ended.
    const [still] = await tx.$queryRaw<unknown[]>`SELECT id FROM "LocalCredential"
      WHERE "userId" = ${user.id} AND "passwordHash" = ${passwordHash} FOR SHARE`;
    if (!still) throw wrong();
    return issueToken(ctx, tx, user.id, duration);
  });
  return authUserOf(ctx, token);
}

function userBy({ db }: Context, identity: string) {
  const select = { id: true, status: true, localCredential: { select: { passwordHash: true } } };
  // PostgreSQL takes no NUL in a text, so nobody is called that.
  if (identity.includes("\0")) return undefined;
  // A username with an @ is its owner's address.
  return identity.includes("@")
    ? db.user.findFirst({ where: { emails: { some: { address: identity.toLowerCase() } } }, select })
    : db.user.findUnique({ where: { username: identity }, select });
}

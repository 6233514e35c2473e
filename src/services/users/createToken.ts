import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { addressToFind } from "../../platform/input/emailAddress.ts";
import { type AuthUser, authUserOf } from "./authUser.ts";
import { Duration, issueToken } from "./issueToken.ts";
import { assertLocalSignIn } from "./localSignIn.ts";
import { passwordMatches } from "./password.ts";
import { usernameKey } from "./usernameKey.ts";

const IDENTITY = "must be an e-mail address or a username";

const Input = z.object({
  identity: z.string(IDENTITY).trim().min(1, IDENTITY),
  password: z.string("must be a string"),
  duration: Duration,
});

/** The same error for an unknown identity, a wrong password and a user without a password. */
const wrong = () => new AppError("UNAUTHENTICATED", "Invalid username or password");

/**
 * Signs a user in by e-mail address or username, both without regard to case. Throws UNAUTHENTICATED for an unknown one
 * and for a wrong password, after the same time; FORBIDDEN for the right password while the e-mail address is not
 * confirmed.
 */
export async function createToken(ctx: Context, input: unknown): Promise<AuthUser> {
  assertLocalSignIn(ctx);
  const { identity, password, duration } = parse(Input, input);
  const user = await userBy(ctx, identity);
  const passwordHash = user?.localCredential?.passwordHash;
  const matches = await passwordMatches(password, passwordHash);
  if (!user || !matches) throw wrong();
  if (user.status !== "active") {
    throw new AppError("FORBIDDEN", "Confirm your e-mail address first, with the link in the e-mail you received");
  }
  const token = await ctx.db.$transaction(async (tx) => {
    // If the password was changed after the comparison, a new session would survive that change.
    const [unchanged] = await tx.$queryRaw<unknown[]>`SELECT id FROM "LocalCredential"
      WHERE "userId" = ${user.id} AND "passwordHash" = ${passwordHash} FOR SHARE`;
    if (!unchanged) throw wrong();
    return issueToken(ctx, tx, user.id, duration);
  });
  return authUserOf(ctx, token);
}

async function userBy({ db }: Context, identity: string) {
  const select = { id: true, username: true, status: true, localCredential: { select: { passwordHash: true } } };
  // PostgreSQL rejects NUL in strings, so no user can match.
  if (identity.includes("\0")) return undefined;
  // A username with an @ is the user's own address.
  if (identity.includes("@")) {
    return db.user.findFirst({ where: { emails: { some: { address: addressToFind(identity) } } }, select });
  }
  // Usernames from before they had keys may differ in case only; then each signs in as it is spelled.
  const named = { OR: [{ username: identity }, { usernameKey: usernameKey(identity) }] };
  const users = await db.user.findMany({ where: named, select });
  return users.find(({ username }) => username === identity) ?? users[0];
}

import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { addressToFind } from "../../platform/input/emailAddress.ts";
import { type AuthUser, authUserOf } from "./authUser.ts";
import { countAttempt } from "./clientLimits.ts";
import { Duration, issueToken } from "./issueToken.ts";
import { passwordUse } from "./localSignIn.ts";
import { passwordMatches, renewedHash } from "./password.ts";
import { accountOf, startSignIn } from "./signInAttempt.ts";
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
 * Signs a user in by e-mail address or username, both without regard to case. Throws FEATURE_DISABLED where passwords are
 * off (`passwordUse`); UNAUTHENTICATED for an unknown one and for a wrong password, after the same time; FORBIDDEN for the right password while the e-mail address is not
 * confirmed; TOO_MANY_REQUESTS, whatever the password, after too many attempts from the client's address or too many
 * wrong passwords for the account, known or not.
 */
export async function createToken(ctx: Context, input: unknown): Promise<AuthUser> {
  const { identity, password, duration } = parse(Input, input);
  await countAttempt(ctx, "signIn");
  const user = await userBy(ctx, identity);
  if (user) ctx.target = { entityType: "User", entityId: user.id, workspaceId: null };
  const addresses = user?.emails.map(({ address }) => address) ?? [];
  const use = await passwordUse(ctx, { identity, user: user ? { ...user, addresses } : undefined });
  const attempt = await startSignIn(ctx, user ? accountOf(user.id) : `unknown ${canonical(identity)}`);
  const cost = ctx.config.auth.local.passwordCost;
  let passwordHash = user?.localCredential?.passwordHash;
  for (;;) {
    const matches = await passwordMatches(password, passwordHash, cost);
    if (!user || !matches || passwordHash === undefined || use === "never") throw wrong();
    if (user.status !== "active") {
      await ctx.db.$transaction((tx) => attempt.succeeded(tx));
      throw new AppError("FORBIDDEN", "Confirm your e-mail address first, with the link in the e-mail you received");
    }
    const compared = passwordHash;
    const token = await ctx.db.$transaction(async (tx) => {
      // If the password was changed after the comparison, a new session would survive that change.
      const [stored] = await tx.$queryRaw<{ passwordHash: string }[]>`SELECT "passwordHash" FROM "LocalCredential"
        WHERE "userId" = ${user.id} FOR SHARE`;
      passwordHash = stored?.passwordHash;
      if (passwordHash !== compared) return undefined;
      await attempt.succeeded(tx);
      const caller = { kind: "user", id: user.id } as const;
      await recordAudit({ ...ctx, caller }, tx, {
        action: "createToken",
        entityType: "User",
        entityId: user.id,
        ...(use === "breakGlass" && { detail: { breakGlass: true } }),
      });
      return issueToken(ctx, tx, user.id, duration);
    });
    // A concurrent sign-in may have stored another hash of the same password.
    if (!token) continue;
    if (use === "breakGlass")
      ctx.log.warn({ userId: user.id }, "A System Admin signed in with a password although passwords are off");
    await renewHash(ctx, user.id, { password, compared });
    return authUserOf(ctx, token);
  }
}

/** Stores a new hash of the password if the compared one is out of date. */
async function renewHash(ctx: Context, userId: string, given: { password: string; compared: string }): Promise<void> {
  const passwordHash = await renewedHash(given.password, given.compared, ctx.config.auth.local.passwordCost);
  if (passwordHash === undefined) return;
  // The user is signed in already; without it, the next sign-in tries again.
  await ctx.db.localCredential
    .updateMany({ where: { userId, passwordHash: given.compared }, data: { passwordHash } })
    .catch((error: unknown) => ctx.log.warn({ err: error }, "Could not renew the hash of a password"));
}

/** The one form of all spellings that would find the same user. */
const canonical = (identity: string) => (identity.includes("@") ? addressToFind(identity) : usernameKey(identity));

async function userBy({ db }: Context, identity: string) {
  const select = {
    ...{ id: true, username: true, status: true, emails: { select: { address: true } } },
    localCredential: { select: { passwordHash: true } },
  };
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

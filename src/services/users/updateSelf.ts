import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { badInput, forbidden } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { usernameConflict } from "./conflicts.ts";
import { assertDomainHasPasswords, assertLocalSignIn } from "./localSignIn.ts";
import { assertNotOwnWord } from "./ownWords.ts";
import { hashPassword, Password, passwordMatches } from "./password.ts";
import { accountOf, type SignInAttempt, startSignIn } from "./signInAttempt.ts";
import { FullName, ownUsername, Profile, Username } from "./userInput.ts";
import { usernameKey } from "./usernameKey.ts";

const CURRENT_PASSWORD = "must be your current password";

const Input = z.object({
  payload: z.strictObject(
    {
      fullName: FullName.nullish(),
      username: optional(Username),
      profile: optional(Profile),
      password: optional(Password),
      currentPassword: optional(z.string(CURRENT_PASSWORD)),
    },
    "must be an object with fullName, username, profile, or password and currentPassword",
  ),
});

type Payload = z.output<typeof Input>["payload"];

/**
 * Changes the caller's full name, username, profile (as a whole) or password; omitted values are unchanged. A new
 * password requires the current one and ends the caller's other sessions. Throws FORBIDDEN for service accounts,
 * CONFLICT for a username that is already in use, TOO_MANY_REQUESTS after too many wrong passwords, which count as in
 * createToken.
 */
export async function updateSelf(ctx: Context, input: unknown): Promise<void> {
  const { kind, id } = ctx.caller;
  if (kind !== "user") throw forbidden();
  const { payload } = parse(Input, input);
  const change = await passwordChange(ctx, id, payload);
  await ctx.db.$transaction(async (tx) => {
    if (change) await changePassword(ctx, tx, change);
    const data = await columnsOf(tx, id, payload);
    await tx.user
      .update({ where: { id }, data, select: { id: true } })
      .catch(usernameConflict("payload.username", payload.username));
    await recordAudit(ctx, tx, {
      action: "updateSelf",
      entityType: "User",
      entityId: id,
      detail: {
        changed: [...Object.keys(data).filter((key) => key !== "usernameKey"), ...(change ? ["password"] : [])],
      },
    });
  });
}

async function columnsOf(tx: Prisma.TransactionClient, userId: string, { fullName, username, profile }: Payload) {
  const data: Prisma.UserUpdateInput = {};
  const name = fullName ?? profile?.fullName;
  if (name !== undefined) data.fullName = name;
  if (profile !== undefined) data.profile = profile.values;
  if (username !== undefined) {
    const select = { username: true, emails: { select: { address: true } } };
    const before = await tx.user.findUniqueOrThrow({ where: { id: userId }, select });
    const addresses = before.emails.map(({ address }) => address);
    data.username = ownUsername(username, addresses, "payload.username");
    // Users keep a name from before keys were unique.
    if (data.username !== before.username) data.usernameKey = usernameKey(data.username);
  }
  return data;
}

/** A new hash, and the one it replaces. */
interface PasswordChange {
  userId: string;
  from: string;
  to: string;
  attempt: SignInAttempt;
}

async function passwordChange(ctx: Context, userId: string, payload: Payload): Promise<PasswordChange | undefined> {
  const { password, currentPassword } = payload;
  if (password === undefined && currentPassword === undefined) return undefined;
  assertLocalSignIn(ctx);
  if (password === undefined) throw badInput("payload.password", "is required with currentPassword");
  if (currentPassword === undefined) throw badInput("payload.currentPassword", "is required with password");
  await assertOtherThanName(ctx, userId, password);
  const attempt = await startSignIn(ctx, accountOf(userId));
  const cost = ctx.config.auth.local.passwordCost;
  const credential = await ctx.db.localCredential.findUnique({ where: { userId } });
  const matches = await passwordMatches(currentPassword, credential?.passwordHash, cost);
  if (!credential || !matches) throw wrongPassword();
  return { userId, from: credential.passwordHash, to: await hashPassword(password, cost), attempt };
}

async function assertOtherThanName(ctx: Context, id: string, password: string): Promise<void> {
  const select = { username: true, emails: { select: { address: true } } };
  const { username, emails } = await ctx.db.user.findUniqueOrThrow({ where: { id }, select });
  const addresses = emails.map(({ address }) => address);
  assertDomainHasPasswords(ctx, { username, addresses });
  assertNotOwnWord(ctx, password, { username, addresses }, "payload.password");
}

const wrongPassword = () => badInput("payload.currentPassword", CURRENT_PASSWORD);

async function changePassword(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { userId, from, to, attempt }: PasswordChange,
): Promise<void> {
  const { count } = await tx.localCredential.updateMany({
    where: { userId, passwordHash: from },
    data: { passwordHash: to, resetTokenHash: null, resetTokenExpiresAt: null },
  });
  // A concurrent request changed it in the meantime.
  if (count === 0) throw wrongPassword();
  await attempt.succeeded(tx);
  await tx.session.deleteMany({ where: { userId, NOT: { id: ctx.caller.sessionId ?? "" } } });
}

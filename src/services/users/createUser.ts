import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { settingName } from "../../platform/config/configTree.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { EmailAddress, optional } from "../../platform/input/input.ts";
import { MailToken } from "../../platform/mail/tokenFrom.ts";
import { newId } from "../../platform/secrets/newId.ts";
import { hashOf } from "../../platform/secrets/tokens.ts";
import { acceptInvites, bindInvites, isFor } from "./acceptInvites.ts";
import { assertUserManagement } from "./assertUserManagement.ts";
import { type AuthUser, authUserOf } from "./authUser.ts";
import { claimPending, lockByAddress } from "./claimPending.ts";
import { countAttempt, countMailRequest } from "./clientLimits.ts";
import { requestConfirmation } from "./confirmation.ts";
import { emailConflict, usernameConflict } from "./conflicts.ts";
import { countMail } from "./countMail.ts";
import { hasUsers, isFirstSignUp } from "./firstSignUp.ts";
import { Duration, issueToken } from "./issueToken.ts";
import { assertDomainHasPasswords, assertLocalSignIn } from "./localSignIn.ts";
import { assertNotOwnWord } from "./ownWords.ts";
import { hashPassword, Password } from "./password.ts";
import { queueDecoyMail } from "./queueDecoyMail.ts";
import { assertMaySetUp, forgetSetupToken } from "./setupToken.ts";
import { mailOwner, unlessInUse } from "./signUpAgain.ts";
import { ownUsername, Profile, Username } from "./userInput.ts";
import { usernameKey } from "./usernameKey.ts";

const Input = z.object({
  email: EmailAddress,
  password: Password,
  username: optional(Username),
  profile: optional(Profile),
  inviteToken: optional(MailToken("must be the token from an invitation e-mail")),
  duration: Duration,
});

type SignUp = z.output<typeof Input>;

/**
 * Signs a user up. The first user becomes SYSTEM_ADMIN, if they are on this machine or have the set-up token; others
 * need public sign-up or an invitation to their address, whose roles they get; an invitation also makes an account
 * theirs that somebody else left pending. With `emailConfirmation`, a public sign-up is pending and returns no token; an
 * address that is already in use gets the same answer, and its owner an e-mail. Throws FEATURE_DISABLED if they may not
 * sign up or users are not managed in Houston, BAD_USER_INPUT for an invitation that is for another address or no longer
 * open, CONFLICT for a username that is already in use and, in the other cases, for such an address, TOO_MANY_REQUESTS
 * after too many sign-ups from one client address.
 */
export async function createUser(ctx: Context, input: unknown): Promise<AuthUser> {
  assertUserManagement(ctx);
  assertLocalSignIn(ctx);
  const given = parse(Input, input);
  const username = ownUsername(given.username ?? given.email, [given.email], "username");
  assertDomainHasPasswords(ctx, { addresses: [given.email] });
  assertNotOwnWord(ctx, given.password, { username, addresses: [given.email] }, "password");
  await countAttempt(ctx, "signUp");
  await assertOpen(ctx, given);
  const passwordHash = await hashPassword(given.password, ctx.config.auth.local.passwordCost);

  const { id, token, pending } = await ctx.db.$transaction(async (tx) => {
    const access = await firstRoles(ctx, tx, given);
    const newUser = userOf(ctx, given, { username, access });
    const emailId = newId();
    const store = () => storeUser(ctx, tx, given, { newUser, emailId, passwordHash, access });
    const isPending = access.status === "pending";
    const user = isPending ? await unlessInUse(tx, store) : await store();
    const pending = isPending ? { ...newUser, emailId, address: given.email } : undefined;
    if (!user) {
      await mailOwner(ctx, tx, { address: given.email, mayMail: access.mayMail });
      return { id: newUser.id, token: null, pending };
    }
    if (isPending) {
      await (access.mayMail ? requestConfirmation(ctx, tx, given.email) : queueDecoyMail(tx));
    }
    await recordAudit(ctx, tx, {
      action: "createUser",
      entityType: "User",
      entityId: user.id,
      detail: { email: given.email, username, status: access.status, first: access.first },
    });
    const issued = access.status === "active" ? await issueToken(ctx, tx, user.id, given.duration) : null;
    return { id: user.id, token: issued, pending };
  });
  return token ? authUserOf(ctx, token) : { caller: { kind: "user", id, bindings: [] }, token, pending };
}

const closed = ({ config }: Pick<Context, "config">) =>
  new AppError(
    "FEATURE_DISABLED",
    `Public sign-up is disabled (${settingName(config, "publicSignups")}); sign up with the link in an invitation e-mail`,
  );

const badInvite = () => badInput("inviteToken", "is unknown, used or expired; request a new invitation");

/** Rejects sign-ups that cannot succeed before a password is hashed. The transaction checks again. */
async function assertOpen(ctx: Context, { email, inviteToken }: SignUp): Promise<void> {
  if (!(await hasUsers(ctx.db))) return assertMaySetUp(ctx, ctx.db);
  if (inviteToken === undefined) {
    if (!ctx.config.publicSignups) throw closed(ctx);
    if (ctx.config.emailConfirmation) await countMailRequest(ctx);
    return;
  }
  const invite = await ctx.db.invite.findUnique({ where: { tokenHash: hashOf(inviteToken) } });
  if (!invite || invite.expiresAt <= ctx.now()) throw badInvite();
  if (invite.email !== email) throw badInput("inviteToken", "is for another e-mail address");
}

/** Status and invitations of a new user. */
async function firstRoles(ctx: Context, tx: Prisma.TransactionClient, { email, inviteToken }: SignUp) {
  const active = { verified: true, status: "active" as const, mayMail: false, known: undefined };
  if (await isFirstSignUp(tx)) {
    await assertMaySetUp(ctx, tx);
    await forgetSetupToken(tx);
    return { ...active, first: true, invites: [] };
  }
  if (inviteToken !== undefined) {
    const known = await lockByAddress(tx, email);
    const invites = await acceptInvites(tx, email, ctx.now());
    if (!invites.some(isFor(inviteToken))) throw badInvite();
    return { ...active, first: false, invites, known };
  }
  if (!ctx.config.publicSignups) throw closed(ctx);
  const open = { first: false, verified: false, invites: [], known: undefined };
  if (!ctx.config.emailConfirmation) return { ...active, ...open };
  const mayMail = await countMail({ ...ctx, db: tx }, "confirm", email);
  return { ...open, status: "pending" as const, mayMail };
}

type Access = Awaited<ReturnType<typeof firstRoles>>;

/** The row of a new user. Its ID tells nothing, because a sign-up with an address that is in use gets one too. */
function userOf(ctx: Context, { profile }: SignUp, { username, access }: { username: string; access: Access }) {
  return {
    id: newId(),
    username,
    usernameKey: usernameKey(username),
    fullName: profile?.fullName ?? "",
    profile: profile?.values ?? {},
    status: access.status,
    createdAt: ctx.now(),
  };
}

type NewUser = ReturnType<typeof userOf>;

async function storeUser(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { email }: SignUp,
  given: { newUser: NewUser; emailId: string; passwordHash: string; access: Access },
): Promise<{ id: string }> {
  const { newUser: data, emailId, passwordHash, access } = given;
  const { verified, invites, known } = access;
  const about = (userId: string) => ({ userId, address: email });
  if (known?.status === "pending") {
    const { id: _id, createdAt: _createdAt, ...chosen } = data;
    const claimed = await claimPending(tx, { id: known.id, address: email, data: chosen, passwordHash });
    await bindInvites(ctx, tx, about(claimed.id), invites);
    return claimed;
  }
  const user = await tx.user
    .create({ data, select: { id: true } })
    .catch(data.username === email ? emailConflict : usernameConflict("username"));
  const userId = user.id;
  await tx.email
    .create({ data: { id: emailId, userId, address: email, verified, proven: verified }, select: { id: true } })
    .catch(emailConflict);
  await tx.localCredential.create({ data: { userId, passwordHash }, select: { id: true } });
  if (access.first) await tx.roleBinding.create({ data: { userId, role: "SYSTEM_ADMIN" }, select: { id: true } });
  await bindInvites(ctx, tx, about(userId), invites);
  return user;
}

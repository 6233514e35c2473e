import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { settingName } from "../../platform/config/configTree.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { EmailAddress, optional } from "../../platform/input/input.ts";
import { MailToken } from "../../platform/mail/tokenFrom.ts";
import { hashOf } from "../../platform/secrets/tokens.ts";
import { acceptInvites, bindInvites, isFor } from "./acceptInvites.ts";
import { assertUserManagement } from "./assertUserManagement.ts";
import { type AuthUser, authUserOf } from "./authUser.ts";
import { newConfirmation, queueConfirmation } from "./confirmation.ts";
import { emailConflict, usernameConflict } from "./conflicts.ts";
import { hasUsers, isFirstSignUp } from "./firstSignUp.ts";
import { Duration, issueToken } from "./issueToken.ts";
import { assertLocalSignIn } from "./localSignIn.ts";
import { hashPassword, Password } from "./password.ts";
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
 * Signs a user up. The first user becomes SYSTEM_ADMIN; others need public sign-up or an invitation to their address,
 * whose roles they get. With `emailConfirmation`, a public sign-up is pending and returns no token. Throws
 * FEATURE_DISABLED if they may not sign up or users are not managed in Houston, BAD_USER_INPUT for an invitation that
 * is for another address or no longer open, CONFLICT for an address or username that is already in use.
 */
export async function createUser(ctx: Context, input: unknown): Promise<AuthUser> {
  assertUserManagement(ctx);
  assertLocalSignIn(ctx);
  const given = parse(Input, input);
  const username = ownUsername(given.username ?? given.email, [given.email], "username");
  await assertOpen(ctx, given);
  const passwordHash = await hashPassword(given.password);

  const { id, token } = await ctx.db.$transaction(async (tx) => {
    const access = await firstRoles(ctx, tx, given);
    const user = await storeUser(tx, given, { username, passwordHash, access });
    if (access.status === "pending") await requestConfirmation(ctx, tx, given.email);
    await recordAudit(ctx, tx, {
      action: "createUser",
      entityType: "User",
      entityId: user.id,
      detail: { email: given.email, username, status: access.status, first: access.first },
    });
    const issued = access.status === "active" ? await issueToken(ctx, tx, user.id, given.duration) : null;
    return { id: user.id, token: issued };
  });
  return token ? authUserOf(ctx, token) : { caller: { kind: "user", id, bindings: [] }, token };
}

const closed = ({ config }: Pick<Context, "config">) =>
  new AppError(
    "FEATURE_DISABLED",
    `Public sign-up is disabled (${settingName(config, "publicSignups")}); sign up with the link in an invitation e-mail`,
  );

const badInvite = () => badInput("inviteToken", "is unknown, used or expired; request a new invitation");

/** Rejects sign-ups that cannot succeed before a password is hashed. The transaction checks again. */
async function assertOpen(ctx: Context, { email, inviteToken }: SignUp): Promise<void> {
  if (!(await hasUsers(ctx.db))) return;
  if (inviteToken === undefined) {
    if (!ctx.config.publicSignups) throw closed(ctx);
    return;
  }
  const invite = await ctx.db.invite.findUnique({ where: { tokenHash: hashOf(inviteToken) } });
  if (!invite || invite.expiresAt <= ctx.now()) throw badInvite();
  if (invite.email !== email) throw badInput("inviteToken", "is for another e-mail address");
}

/** Status and invitations of a new user. */
async function firstRoles(ctx: Context, tx: Prisma.TransactionClient, { email, inviteToken }: SignUp) {
  if (await isFirstSignUp(tx)) return { first: true, verified: true, status: "active" as const, invites: [] };
  if (inviteToken !== undefined) {
    const invites = await acceptInvites(tx, email, ctx.now());
    if (!invites.some(isFor(inviteToken))) throw badInvite();
    return { first: false, verified: true, status: "active" as const, invites };
  }
  if (!ctx.config.publicSignups) throw closed(ctx);
  const status = ctx.config.emailConfirmation ? ("pending" as const) : ("active" as const);
  return { first: false, verified: false, status, invites: [] };
}

async function storeUser(
  tx: Prisma.TransactionClient,
  { email, profile }: SignUp,
  given: { username: string; passwordHash: string; access: Awaited<ReturnType<typeof firstRoles>> },
): Promise<{ id: string }> {
  const { username, passwordHash, access } = given;
  const data = {
    username,
    usernameKey: usernameKey(username),
    fullName: profile?.fullName ?? "",
    profile: profile?.values ?? {},
    status: access.status,
  };
  const user = await tx.user
    .create({ data, select: { id: true } })
    .catch(username === email ? emailConflict : usernameConflict("username"));
  const userId = user.id;
  await tx.email
    .create({ data: { userId, address: email, verified: access.verified }, select: { id: true } })
    .catch(emailConflict);
  await tx.localCredential.create({ data: { userId, passwordHash }, select: { id: true } });
  if (access.first) await tx.roleBinding.create({ data: { userId, role: "SYSTEM_ADMIN" }, select: { id: true } });
  await bindInvites(tx, userId, access.invites);
  return user;
}

async function requestConfirmation(ctx: Context, tx: Prisma.TransactionClient, address: string): Promise<void> {
  const { token, columns } = newConfirmation(ctx);
  await tx.email.update({ where: { address }, data: columns, select: { id: true } });
  await queueConfirmation(ctx, tx, address, token);
}

import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";
import { acceptInvites, bindInvites } from "../users/acceptInvites.ts";
import { isFirstSignUp } from "../users/firstSignUp.ts";
import { assertMaySetUp, forgetSetupToken } from "../users/setupToken.ts";
import { usernameKey } from "../users/usernameKey.ts";
import { isAddressTrusted, type Profile } from "./profile.ts";
import { SignOnRefused } from "./refused.ts";

/** Who signs up: with an address that nobody has yet. */
interface NewUser {
  email: string;
  /** Whether they have the link of an invitation to it. */
  isInvited: boolean;
  setupToken: string | undefined;
}

/**
 * Signs up whoever signs in for the first time; returns the ID of the user. The first user needs the set-up token and becomes
 * System Admin. Others need an invitation, an address of a domain that the provider speaks for, or public sign-up, and then a
 * verified address if addresses must be confirmed. Throws SignOnRefused if they may not.
 */
export async function signUp(
  ctx: Context,
  tx: Prisma.TransactionClient,
  profile: Profile,
  { email, isInvited, setupToken }: NewUser,
): Promise<string> {
  const isFirst = await isFirstSignUp(tx);
  const owns = isAddressTrusted(profile) || isInvited;
  if (isFirst) await setUp(ctx, tx, setupToken);
  else if (!owns) assertOpen(ctx, profile);
  const proven = isFirst || owns;
  const { id: userId } = await tx.user.create({
    data: {
      username: email,
      usernameKey: usernameKey(email),
      fullName: profile.fullName,
      status: "active",
      createdAt: ctx.now(),
      emails: { create: { address: email, primary: true, verified: proven || profile.emailVerified, proven } },
    },
    select: { id: true },
  });
  if (isFirst) await tx.roleBinding.create({ data: { userId, role: "SYSTEM_ADMIN" }, select: { id: true } });
  if (owns && ctx.config.userManagement.enabled) {
    await bindInvites(ctx, tx, { userId, address: email }, await acceptInvites(tx, email, ctx.now()));
  }
  await recordAudit({ ...ctx, caller: { kind: "user", id: userId } }, tx, {
    action: "createUser",
    entityType: "User",
    entityId: userId,
    detail: { email, username: email, status: "active", first: isFirst, provider: profile.provider },
  });
  return userId;
}

/** On every machine: the provider sends people back as another site does, so the connection does not show where they are. */
async function setUp(ctx: Context, tx: Prisma.TransactionClient, setupToken: string | undefined): Promise<void> {
  const client = { address: ctx.client.address, sameMachine: false, setupToken };
  await assertMaySetUp({ ...ctx, client }, tx).catch((error: unknown) => {
    throw asAppError(error)?.code === "FORBIDDEN" ? new SignOnRefused("setupToken") : error;
  });
  await forgetSetupToken(tx);
}

function assertOpen({ config }: Context, { emailListed, emailVerified }: Profile): void {
  const { publicSignups, emailConfirmation, userManagement } = config;
  if (emailListed && !emailVerified) throw new SignOnRefused("unverified");
  if (!publicSignups || !userManagement.enabled) throw new SignOnRefused("notInvited");
  if (emailConfirmation && !emailVerified) throw new SignOnRefused("unverified");
}

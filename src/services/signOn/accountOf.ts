import type { Context } from "../../access/context.ts";
import { endSessions } from "../../access/endSessions.ts";
import { isScimOn } from "../../access/isScimOn.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { activateUser } from "../users/activateUser.ts";
import { lockByAddress } from "../users/claimPending.ts";
import { discardPassword } from "../users/discardPassword.ts";
import { openInvite } from "../users/openLinks.ts";
import { isAddressTrusted, type Profile } from "./profile.ts";
import { assertProvisioned } from "./provisioned.ts";
import { SignOnRefused } from "./refused.ts";
import { signUp } from "./signUp.ts";

/** What someone brought when they began to sign in. */
export interface Brought {
  inviteToken?: string | undefined;
  setupToken?: string | undefined;
}

/**
 * The ID of the user who has this account at the provider. Without one, the account is added to the user with its address, if
 * whoever signs in is known to own it: the provider speaks for its domain, or they have the link of an invitation to it.
 * Otherwise they sign up. Throws SignOnRefused if they may not.
 */
export async function accountOf(ctx: Context, profile: Profile, brought: Brought): Promise<string> {
  const known = await knownUser(ctx.db, profile);
  if (known !== undefined) return known;
  return ctx.db.$transaction(async (tx) => {
    const { email } = profile;
    if (email === undefined) throw new SignOnRefused("noAddress");
    // Waits for whoever signs in with the same account at the same moment.
    await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`${profile.issuer} ${profile.subject}`}, 0))::text`;
    const found = await knownUser(tx, profile);
    if (found !== undefined) return found;
    const owner = await lockByAddress(tx, email);
    const isInvited = await hasInvitation({ ...ctx, db: tx as never }, email, brought.inviteToken);
    if (await isScimOn(ctx, tx, profile.provider)) {
      if (!owner) throw new SignOnRefused("notProvisioned");
      await assertProvisioned(ctx, tx, { userId: owner.id, provider: profile.provider });
    }
    const userId = owner
      ? await link(ctx, tx, profile, { userId: owner.id, email, owns: isAddressTrusted(profile) || isInvited })
      : await signUp(ctx, tx, profile, { email, isInvited, setupToken: brought.setupToken });
    const { provider, issuer, subject } = profile;
    await tx.identity.create({
      data: { userId, provider, issuer, subject, lastSignInAt: ctx.now() },
      select: { id: true },
    });
    return userId;
  });
}

async function knownUser(
  db: Pick<Prisma.TransactionClient, "identity">,
  profile: Profile,
): Promise<string | undefined> {
  const { issuer, subject } = profile;
  const found = await db.identity.findUnique({
    where: { issuer_subject: { issuer, subject } },
    select: { userId: true },
  });
  return found?.userId;
}

/** Whether the token is that of an open invitation to this address. Throws SignOnRefused for any other token. */
async function hasInvitation(ctx: Context, email: string, token: string | undefined): Promise<boolean> {
  if (token === undefined) return false;
  const invite = await openInvite(ctx, token);
  if (invite?.address !== email) throw new SignOnRefused("otherInvitation");
  return true;
}

/**
 * Adds the account at the provider to a locked user. Whoever chose a password, or signed in with another provider, before the
 * address was proven may be somebody else: they lose the account.
 */
async function link(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { provider, issuer, subject }: Profile,
  { userId, email, owns }: { userId: string; email: string; owns: boolean },
): Promise<string> {
  if (!owns) throw new SignOnRefused("addressInUse");
  const { proven } = await tx.email.findUniqueOrThrow({ where: { address: email }, select: { proven: true } });
  if (!proven) {
    await tx.identity.deleteMany({ where: { userId } });
    await discardPassword(ctx, tx, { userId, address: email });
    await endSessions(tx, userId);
  }
  await activateUser(ctx, tx, { userId, address: email, password: "now" });
  await recordAudit({ ...ctx, caller: { kind: "user", id: userId } }, tx, {
    action: "linkIdentity",
    entityType: "User",
    entityId: userId,
    detail: { provider, issuer, subject, email },
  });
  return userId;
}

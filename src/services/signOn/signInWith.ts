import type { Context } from "../../access/context.ts";
import { isScimOn } from "../../access/isScimOn.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { type AuthUser, authUserOf } from "../users/authUser.ts";
import { issueToken } from "../users/issueToken.ts";
import { lockUser } from "../users/lockUser.ts";
import { accountOf, type Brought } from "./accountOf.ts";
import { sealIdToken } from "./idToken.ts";
import { importSystemRole } from "./importSystemRole.ts";
import { importTeams } from "./importTeams.ts";
import type { Profile } from "./profile.ts";
import { assertProvisioned } from "./provisioned.ts";
import { SignOnRefused } from "./refused.ts";
import { teamGroups } from "./teamGroups.ts";

/**
 * Signs a person in whom a provider has named, as the user who has that account: see `accountOf`. Their teams and system role
 * follow their groups in the same transaction, so the session has the permissions of the groups of this moment; teams that a SCIM
 * client keeps do not. Throws SignOnRefused if they may not sign in.
 */
export async function signInWith(ctx: Context, profile: Profile, brought: Brought = {}): Promise<AuthUser> {
  const userId = await accountOf(ctx, profile, brought);
  ctx.target = { entityType: "User", entityId: userId, workspaceId: null };
  const { provider, issuer, subject, groups } = profile;
  const names = groups && ctx.config.auth.openidConnect.idpGroupsImportEnabled ? teamGroups(ctx, groups) : undefined;
  const own: Context = { ...ctx, caller: { kind: "user", id: userId, bindings: [] } };
  const token = await ctx.db.$transaction(async (tx) => {
    const isKeptByScim = await isScimOn(ctx, tx, provider);
    if (names && !isKeptByScim) await importTeams(own, tx, { userId, provider, names });
    const user = await lockUser(tx, { id: userId });
    if (user?.status !== "active") throw new SignOnRefused("inactive");
    await assertProvisioned(ctx, tx, { userId, provider });
    if (groups) await importSystemRole(own, tx, { userId, provider, groups });
    const { count } = await tx.identity.updateMany({
      where: { issuer, subject, userId },
      data: { provider, lastSignInAt: ctx.now() },
    });
    // Taken away since it was found.
    if (count === 0) throw new SignOnRefused("inactive");
    await recordAudit(own, tx, { action: "signInWith", entityType: "User", entityId: userId, detail: { provider } });
    const issued = await issueToken(ctx, tx, userId, undefined);
    const idTokenEncrypted = profile.idToken === undefined ? null : sealIdToken(ctx, issued.sessionId, profile.idToken);
    await tx.session.update({
      where: { id: issued.sessionId },
      data: { provider, idTokenEncrypted },
      select: { id: true },
    });
    return issued;
  });
  return authUserOf(ctx, token);
}

import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError, forbidden } from "../../platform/errors/appError.ts";
import { lockUser } from "../users/lockUser.ts";
import { NO_PASSWORD } from "../users/password.ts";
import type { Profile } from "./profile.ts";
import { SignOnRefused } from "./refused.ts";

/** An account at a provider with which the caller can sign in. */
export interface OwnIdentity {
  id: string;
  provider: string;
  createdAt: Date;
}

/** The caller's accounts at providers, oldest first. Throws FORBIDDEN for a caller who is no user. */
export function ownIdentities(ctx: Context): Promise<OwnIdentity[]> {
  return ctx.db.identity.findMany({
    where: { userId: ownId(ctx) },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    select: { id: true, provider: true, createdAt: true },
  });
}

function ownId({ caller }: Context): string {
  if (caller.kind !== "user") throw forbidden();
  return caller.id;
}

/** Adds an account at a provider to the caller's own. Throws SignOnRefused if it is that of another user. */
export async function addIdentity(ctx: Context, { provider, issuer, subject }: Profile): Promise<void> {
  const userId = ownId(ctx);
  await ctx.db.$transaction(async (tx) => {
    await lockUser(tx, { id: userId });
    const data = { userId, provider, issuer, subject };
    const { count } = await tx.identity.createMany({ data, skipDuplicates: true });
    if (count === 0) {
      const where = { issuer_subject: { issuer, subject } };
      const { userId: owner } = await tx.identity.findUniqueOrThrow({ where, select: { userId: true } });
      if (owner !== userId) throw new SignOnRefused("identityInUse");
      return;
    }
    const detail = { provider, issuer, subject };
    await recordAudit(ctx, tx, { action: "linkIdentity", entityType: "User", entityId: userId, detail });
  });
}

/**
 * Takes an account at a provider away from the caller's own. Throws NOT_FOUND for an unknown one, and CONFLICT for the last one of
 * a user without a password, who could not sign in any more.
 */
export async function removeIdentity(ctx: Context, { identityId }: { identityId: string }): Promise<void> {
  const userId = ownId(ctx);
  await ctx.db.$transaction(async (tx) => {
    await lockUser(tx, { id: userId });
    const all = await tx.identity.findMany({ where: { userId } });
    const found = all.find(({ id }) => id === identityId);
    if (!found) throw new AppError("NOT_FOUND", "identityId: unknown account at an identity provider", "identityId");
    const password = await tx.localCredential.count({ where: { userId, NOT: { passwordHash: NO_PASSWORD } } });
    if (all.length === 1 && password === 0) {
      throw new AppError(
        "CONFLICT",
        "identityId: this is your only way to sign in; set a password first",
        "identityId",
      );
    }
    await tx.identity.delete({ where: { id: identityId }, select: { id: true } });
    const { provider, issuer, subject } = found;
    const detail = { provider, issuer, subject };
    await recordAudit(ctx, tx, { action: "unlinkIdentity", entityType: "User", entityId: userId, detail });
  });
}

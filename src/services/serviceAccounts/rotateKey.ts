import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { assertWithinReach } from "../../access/heldRole.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { actorOf, type Change, recordAudit } from "../../platform/audit/recordAudit.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { isCreatorRemoved } from "./creatorRemoved.ts";
import { ExpiresAt, expiryOf } from "./keyExpiry.ts";
import { type KeyHolder, lockKeyHolder, recordedIn } from "./keyHolder.ts";
import { assertEnabled, newKey } from "./newKey.ts";

const MINUTES = "must be a whole number of minutes, at least 0";

/** The arguments of a rotation. */
export const Rotation = { graceMinutes: z.int(MINUTES).min(0, MINUTES).nullish(), expiresAt: ExpiresAt };

interface RotationOf {
  /** The account; `organizationId` is null for one that is no API key of an Organization. */
  id: string;
  organizationId: string | null;
  graceMinutes?: number | null | undefined;
  expiresAt?: Date | undefined;
  action: Change["action"];
  notFound(): Error;
}

/**
 * Issues a new key for a service account and returns it: this is the only time. The key until now stays valid for
 * `graceMinutes` (by default `serviceAccounts.graceMinutes`), or until it expires; one from an earlier rotation ends at
 * once, so at most two keys are valid. Without `expiresAt`, the new key lives as long as the old one was given.
 *
 * Whoever gets the key gets the account's roles. So FORBIDDEN is thrown unless the caller could grant each of them. A user
 * who rotates the key answers for it from then on, as its creator did. An account that does, itself or another, cannot
 * extend what its removed creator left behind.
 *
 * Throws BAD_USER_INPUT for a grace time or an expiry that is not allowed, and FEATURE_DISABLED while
 * `serviceAccounts.enabled` is false.
 */
export async function rotateKey(ctx: Context, rotation: RotationOf): Promise<{ id: string; apiKey: string }> {
  assertEnabled(ctx);
  const { id, action } = rotation;
  const graceMinutes = graceOf(ctx, rotation.graceMinutes);
  const { apiKey, ...key } = newKey(ctx);
  await ctx.db.$transaction(async (tx) => {
    const account = await lockKeyHolder(tx, rotation);
    await assertHoldsRolesOf(ctx, tx, id);
    const now = ctx.now();
    const expiresAt = await newExpiry(ctx, tx, account, rotation.expiresAt);
    await tx.serviceAccount.update({
      where: { id },
      data: {
        ...{ ...key, keyEncrypted: null, keyShownUntil: null, keyCreatedAt: now, expiresAt, keyLastUsedAt: null },
        ...previousKey(account, now, graceMinutes),
        ...(ctx.caller.kind === "user" && { createdBy: actorOf(ctx) }),
      },
      select: { id: true },
    });
    const detail = { graceMinutes, ...(expiresAt && { expiresAt: expiresAt.toISOString() }) };
    await recordAudit(ctx, tx, recordedIn(account, { action, detail }));
  });
  return { id, apiKey };
}

function graceOf({ config }: Context, asked: number | null | undefined): number {
  const { graceMinutes, maxGraceMinutes } = config.serviceAccounts;
  if (asked != null && asked > maxGraceMinutes)
    throw badInput("graceMinutes", `must be at most ${maxGraceMinutes} (serviceAccounts.maxGraceMinutes)`);
  return asked ?? Math.min(graceMinutes, maxGraceMinutes);
}

/** The columns of the key until now; null if it ends at once, or has expired. */
function previousKey(account: KeyHolder, now: Date, graceMinutes: number) {
  const graceEnds = new Date(now.getTime() + graceMinutes * 60_000);
  const ends = account.expiresAt && account.expiresAt < graceEnds ? account.expiresAt : graceEnds;
  const isValid = ends > now;
  return {
    previousKeyHash: isValid ? account.keyHash : null,
    previousKeyStart: isValid ? account.keyStart : null,
    previousKeyExpiresAt: isValid ? ends : null,
    previousKeyLastUsedAt: isValid ? account.keyLastUsedAt : null,
  };
}

async function newExpiry(
  ctx: Context,
  tx: Prisma.TransactionClient,
  account: KeyHolder,
  asked: Date | undefined,
): Promise<Date | null> {
  const { id, expiresAt: before } = account;
  if (before === null || !(await isCreatorRemoved(tx, id))) return expiryOf(ctx, asked, account);
  // It may expire only because of that, which says nothing about the life that it was given.
  const expiresAt = expiryOf(ctx, asked);
  if (ctx.caller.kind === "user") return expiresAt;
  return expiresAt !== null && expiresAt < before ? expiresAt : before;
}

/** Throws FORBIDDEN if the account holds a role that the caller could not grant, also on a Deployment that it created. */
async function assertHoldsRolesOf(ctx: Context, tx: Prisma.TransactionClient, serviceAccountId: string) {
  const bindings = await tx.roleBinding.findMany({
    where: { serviceAccountId },
    select: {
      ...{ role: true, organizationId: true, workspaceId: true, deploymentId: true },
      deployment: { select: { workspaceId: true } },
    },
  });
  for (const { role, deployment, ...scope } of bindings)
    assertWithinReach(ctx, role, deployment ? { ...scope, workspaceId: deployment.workspaceId } : scope);
}

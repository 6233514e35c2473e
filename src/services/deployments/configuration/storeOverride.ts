import type { Context } from "../../../access/context.ts";
import type { Permission } from "../../../access/permissions.ts";
import type { Prisma } from "../../../generated/prisma/client.ts";
import { recordAudit } from "../../../platform/audit/recordAudit.ts";
import { AppError } from "../../../platform/errors/appError.ts";
import type { Override } from "./configLayers.ts";
import { assertMayOverride, assertOverride } from "./overrideInput.ts";

/** `DeploymentsConfigOverride` as the API answers it. */
export interface ConfigOverride {
  id: string;
  config: Prisma.JsonValue;
  /** When it was deleted; null while it counts. */
  deletedAt: Date | null;
}

/** What a change is about: one Workspace or one Deployment, and the key that lets system roles change it anywhere. */
export interface OverrideChange {
  action: string;
  of: { workspaceId: string } | { deploymentId: string };
  /** For the audit log: the Workspace it lies in. */
  workspaceId: string;
  reason: string | undefined;
  system: Permission;
}

/**
 * Stores the override of a Workspace or Deployment in place of the one it has. Throws BAD_USER_INPUT naming unknown settings
 * and values that are not allowed, FORBIDDEN for settings that only system roles may override.
 */
export async function storeOverride(
  ctx: Context,
  tx: Prisma.TransactionClient,
  change: OverrideChange,
  wanted: Override,
): Promise<ConfigOverride> {
  const { of, reason = "" } = change;
  assertOverride(ctx, wanted);
  const stored = await lock(tx, of);
  assertMayOverride(ctx, change.system, { stored: (stored?.config ?? {}) as Override, wanted });
  const data = { config: wanted as Prisma.InputJsonObject, reason };
  const { id, config } = await tx.deploymentsConfigOverride.upsert({
    where: of,
    create: { ...of, ...data },
    update: data,
  });
  await record(ctx, tx, change, Object.keys(wanted));
  return { id, config, deletedAt: null };
}

/** Deletes the override of a Workspace or Deployment. Throws NOT_FOUND when it has none, FORBIDDEN as `storeOverride`. */
export async function deleteOverride(
  ctx: Context,
  tx: Prisma.TransactionClient,
  change: OverrideChange,
): Promise<ConfigOverride> {
  const stored = await lock(tx, change.of);
  if (!stored) throw noOverride("workspaceId" in change.of ? "workspaceUuid" : "deploymentUuid");
  assertMayOverride(ctx, change.system, { stored: stored.config as Override, wanted: {} });
  await tx.deploymentsConfigOverride.delete({ where: { id: stored.id } });
  await record(ctx, tx, change, Object.keys(stored.config as Override));
  return { id: stored.id, config: stored.config, deletedAt: ctx.now() };
}

async function lock(tx: Prisma.TransactionClient, of: OverrideChange["of"]) {
  const [column, id] =
    "workspaceId" in of ? (["workspaceId", of.workspaceId] as const) : (["deploymentId", of.deploymentId] as const);
  // Whoever changes the same one waits, also while there is none to lock.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`DeploymentsConfigOverride:${column}:${id}`}, 0))`;
  return tx.deploymentsConfigOverride.findUnique({ where: of });
}

/** Names of settings only: values of Helm settings may hold anything. */
const record = (ctx: Context, tx: Prisma.TransactionClient, change: OverrideChange, settings: string[]) =>
  recordAudit(ctx, tx, {
    action: change.action,
    entityType: "workspaceId" in change.of ? "Workspace" : "Deployment",
    entityId: "workspaceId" in change.of ? change.of.workspaceId : change.of.deploymentId,
    workspaceId: change.workspaceId,
    detail: { settings, reason: change.reason ?? "" },
  });

const noOverride = (argument: string) => new AppError("NOT_FOUND", `${argument}: it has no override`, argument);

import { isDeepStrictEqual } from "node:util";
import type { Context } from "../../../access/context.ts";
import type { Permission } from "../../../access/permissions.ts";
import type { Prisma } from "../../../generated/prisma/client.ts";
import { recordAudit } from "../../../platform/audit/recordAudit.ts";
import { AppError } from "../../../platform/errors/appError.ts";
import { touchDeployment } from "../changes/touchDeployment.ts";
import type { Override } from "./configLayers.ts";
import { withoutDeletions } from "./deleteKey.ts";
import { mergeOverride } from "./mergeOverride.ts";
import { assertMayOverride, assertOverride } from "./overrideInput.ts";

/** The API type `DeploymentsConfigOverride`. */
export interface ConfigOverride {
  id: string;
  config: Prisma.JsonValue;
  /** When it was deleted; null while it is in effect. */
  deletedAt: Date | null;
}

/** A change to the override of one Workspace or Deployment, and the permission that allows it at system scope. */
export interface OverrideChange {
  action: string;
  of: { workspaceId: string } | { deploymentId: string };
  /** For the audit log: the Workspace it belongs to. */
  workspaceId: string;
  reason: string | undefined;
  system: Permission;
}

/**
 * Merges an update into the override of a Workspace or Deployment: see `mergeOverride`. Returns the whole override.
 * Throws BAD_USER_INPUT that names unknown settings and invalid values, FORBIDDEN for settings that only system roles
 * may override.
 */
export async function storeOverride(
  ctx: Context,
  tx: Prisma.TransactionClient,
  change: OverrideChange,
  update: Override,
): Promise<ConfigOverride> {
  const { of, reason = "" } = change;
  const stored = ((await lock(tx, of))?.config ?? {}) as Override;
  assertOverride(ctx, update, { stored });
  const next = mergeOverride(stored, update);
  assertMayOverride(ctx, change.system, { stored, next });
  const data = { config: next as Prisma.InputJsonObject, reason };
  const { id, config } = await tx.deploymentsConfigOverride.upsert({
    where: of,
    create: { ...of, ...data },
    update: data,
  });
  if ("deploymentId" in of && !isDeepStrictEqual(next, stored)) await touchDeployment(ctx, tx, of.deploymentId);
  await record(ctx, tx, change, Object.keys(update));
  return { id, config, deletedAt: null };
}

/**
 * Deletes the override of a Workspace or Deployment. Throws NOT_FOUND if it has none, FORBIDDEN like `storeOverride`.
 */
export async function deleteOverride(
  ctx: Context,
  tx: Prisma.TransactionClient,
  change: OverrideChange,
): Promise<ConfigOverride> {
  const stored = await lock(tx, change.of);
  if (!stored) throw noOverride("workspaceId" in change.of ? "workspaceUuid" : "deploymentUuid");
  assertMayOverride(ctx, change.system, { stored: stored.config as Override, next: {} });
  await tx.deploymentsConfigOverride.delete({ where: { id: stored.id } });
  await record(ctx, tx, change, Object.keys(stored.config as Override));
  return { ...overrideOf(stored), deletedAt: ctx.now() };
}

/** A stored override as the API returns it. */
export const overrideOf = ({ id, config }: Pick<ConfigOverride, "id" | "config">): ConfigOverride => ({
  id,
  config: withoutDeletions(config) as Prisma.JsonValue,
  deletedAt: null,
});

async function lock(tx: Prisma.TransactionClient, of: OverrideChange["of"]) {
  const [column, id] =
    "workspaceId" in of ? (["workspaceId", of.workspaceId] as const) : (["deploymentId", of.deploymentId] as const);
  // An advisory lock, because there may be no row to lock yet.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`DeploymentsConfigOverride:${column}:${id}`}, 0))`;
  return tx.deploymentsConfigOverride.findUnique({ where: of });
}

/** Names of settings only: values of Helm settings may contain secrets. */
const record = (ctx: Context, tx: Prisma.TransactionClient, change: OverrideChange, settings: string[]) =>
  recordAudit(ctx, tx, {
    action: change.action,
    entityType: "workspaceId" in change.of ? "Workspace" : "Deployment",
    entityId: "workspaceId" in change.of ? change.of.workspaceId : change.of.deploymentId,
    workspaceId: change.workspaceId,
    detail: { settings, reason: change.reason ?? "" },
  });

const noOverride = (argument: string) => new AppError("NOT_FOUND", `${argument}: has no override`, argument);

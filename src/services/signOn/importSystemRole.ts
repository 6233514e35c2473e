import { assertAdminStays } from "../../access/assertAdminStays.ts";
import type { Context } from "../../access/context.ts";
import { endSessions } from "../../access/endSessions.ts";
import type { Prisma, Role } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";
import { isTrusted } from "./importTeams.ts";

/** The system roles, highest first, and the settings with their groups. */
const roles = [
  ["SYSTEM_ADMIN", "systemAdmin"],
  ["SYSTEM_EDITOR", "systemEditor"],
  ["SYSTEM_VIEWER", "systemViewer"],
] as const;

/**
 * Gives a locked user the highest system role that their groups stand for, and takes others away, which ends their sessions; if
 * `manageSystemPermissionsViaIdpGroups.enabled`. The last System Admin keeps the role. A user who may not hold a system role gets
 * none.
 */
export async function importSystemRole(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { userId, provider, groups }: { userId: string; provider: string; groups: readonly string[] },
): Promise<void> {
  const settings = ctx.config.auth.openidConnect.manageSystemPermissionsViaIdpGroups;
  if (!settings.enabled) return;
  const isIn = (names: readonly string[]) => names.some((name) => groups.includes(name.replace(/^\//, "")));
  const meant = roles.find(([, setting]) => isIn(settings[setting]))?.[0];
  const wanted = meant !== undefined && (await isTrusted(ctx, tx, userId)) ? meant : undefined;
  if (wanted !== meant) ctx.log.warn({ userId, provider }, "The user may not hold the system role of their groups");
  const held = await tx.roleBinding.findMany({
    where: { userId, workspaceId: null, deploymentId: null, role: { in: roles.map(([role]) => role) } },
    select: { id: true, role: true },
  });
  const removed: Role[] = [];
  for (const { id, role } of held) {
    if (role === wanted || (role === "SYSTEM_ADMIN" && !(await anotherAdminStays(ctx, tx, userId)))) continue;
    await tx.roleBinding.delete({ where: { id }, select: { id: true } });
    removed.push(role);
  }
  if (removed.length > 0) await endSessions(tx, userId);
  const isNew = wanted !== undefined && !held.some(({ role }) => role === wanted);
  if (isNew) await tx.roleBinding.create({ data: { userId, role: wanted }, select: { id: true } });
  if (!isNew && removed.length === 0) return;
  await recordAudit(ctx, tx, {
    action: "importSystemRole",
    entityType: "User",
    entityId: userId,
    detail: { provider, granted: isNew ? wanted : null, removed },
  });
}

async function anotherAdminStays(ctx: Context, tx: Prisma.TransactionClient, userId: string): Promise<boolean> {
  try {
    await assertAdminStays(tx, { workspaceId: null, deploymentId: null }, userId, "groups");
    return true;
  } catch (error) {
    if (asAppError(error)?.code !== "CONFLICT") throw error;
    ctx.log.warn({ userId }, "The last System Admin keeps the role, which their groups do not stand for");
    return false;
  }
}

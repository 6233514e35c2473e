import type { Scope } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";
import { assertWithinReach, isSystemWide } from "../../access/heldRole.ts";
import type { Role } from "../../access/roles.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { endMemberSessions } from "./members.ts";

/** A role binding of a locked team, with its scope. */
export interface TeamRole {
  id: string;
  role: Role;
  teamId: string;
  scope: Scope;
}

/** The roles of a team at every level, or those that match `where`. The team must be locked. */
export async function rolesOf(
  tx: Prisma.TransactionClient,
  teamId: string,
  where: Prisma.RoleBindingWhereInput = {},
): Promise<TeamRole[]> {
  const bindings = await tx.roleBinding.findMany({
    where: { ...where, teamId },
    select: {
      id: true,
      role: true,
      workspaceId: true,
      deploymentId: true,
      deployment: { select: { workspaceId: true } },
    },
    orderBy: { id: "asc" },
  });
  return bindings.map(({ id, role, workspaceId, deploymentId, deployment }) => ({
    id,
    role,
    teamId,
    scope: { workspaceId: workspaceId ?? deployment?.workspaceId ?? null, deploymentId },
  }));
}

/** The role of a team that matches `where`. Throws NOT_FOUND if there is none; `description` completes the message. */
export async function roleOf(
  tx: Prisma.TransactionClient,
  teamId: string,
  where: Prisma.RoleBindingWhereInput,
  description: string,
): Promise<TeamRole> {
  const [held] = await rolesOf(tx, teamId, where);
  if (!held) throw new AppError("NOT_FOUND", `teamUuid: the team has no role ${description}`, "teamUuid");
  return held;
}

/** Throws FORBIDDEN unless the caller could grant every one of the roles. */
export function assertAllWithinReach(ctx: Context, held: readonly TeamRole[]): void {
  for (const { role, scope } of held) assertWithinReach(ctx, role, scope);
}

/**
 * Replaces a role of a team. Throws FORBIDDEN if the caller could not grant the old role. There is no check for the last
 * admin, because only users count as admins.
 */
export async function changeTeamRole(
  ctx: Context,
  tx: Prisma.TransactionClient,
  held: TeamRole,
  role: Role,
): Promise<void> {
  assertAllWithinReach(ctx, [held]);
  if (role === held.role) return;
  await tx.roleBinding.update({ where: { id: held.id }, data: { role }, select: { id: true } });
}

/** Revokes roles of one team; if one is a system role, ends its members' sessions. Throws the errors of `changeTeamRole`. */
export async function revokeTeamRoles(
  ctx: Context,
  tx: Prisma.TransactionClient,
  teamId: string,
  held: readonly TeamRole[],
): Promise<void> {
  if (held.length === 0) return;
  assertAllWithinReach(ctx, held);
  await tx.roleBinding.deleteMany({ where: { id: { in: held.map(({ id }) => id) } } });
  if (held.some(({ scope }) => isSystemWide(scope))) await endMemberSessions(tx, teamId);
}

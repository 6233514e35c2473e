import type { Scope } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";
import { allowsLess, assertWithinReach } from "../../access/heldRole.ts";
import type { Role } from "../../access/roles.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { endMemberSessions } from "./members.ts";

/** A role binding of a team that is locked, with the scope in which it counts. */
export interface TeamRole {
  id: string;
  role: Role;
  teamId: string;
  scope: Scope;
}

/** The roles of a team, at every level, or those that meet `where`. The team must be locked. */
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

/** The one role of a team that meets `where`. Throws NOT_FOUND, saying that it has none `there`. */
export async function roleOf(
  tx: Prisma.TransactionClient,
  teamId: string,
  where: Prisma.RoleBindingWhereInput,
  there: string,
): Promise<TeamRole> {
  const [held] = await rolesOf(tx, teamId, where);
  if (!held) throw new AppError("NOT_FOUND", `teamUuid: this team has no role ${there}`, "teamUuid");
  return held;
}

/** Throws FORBIDDEN unless the caller could give every one of the roles. */
export function assertAllWithinReach(ctx: Context, held: readonly TeamRole[]): void {
  for (const { role, scope } of held) assertWithinReach(ctx, role, scope);
}

/**
 * Gives a team another role in place of one it has. Ends its members' sessions if the new one allows less. Throws FORBIDDEN
 * if it has a role that the caller could not give. A team is never the last admin: only people count as one.
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
  if (allowsLess(ctx.roles, role, held.role)) await endMemberSessions(tx, held.teamId);
}

/** Takes roles of one team from it and ends its members' sessions. Throws as `changeTeamRole` does. */
export async function takeTeamRoles(
  ctx: Context,
  tx: Prisma.TransactionClient,
  teamId: string,
  held: readonly TeamRole[],
): Promise<void> {
  if (held.length === 0) return;
  assertAllWithinReach(ctx, held);
  await tx.roleBinding.deleteMany({ where: { id: { in: held.map(({ id }) => id) } } });
  await endMemberSessions(tx, teamId);
}

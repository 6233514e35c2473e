import type { Prisma } from "../generated/prisma/client.ts";
import { forbidden } from "../platform/errors/appError.ts";
import { type AdminScope, assertAdminStays } from "./assertAdminStays.ts";
import { mayGrant, type Scope } from "./authorize.ts";
import type { Context } from "./context.ts";
import { endSessions } from "./endSessions.ts";
import type { Role, Roles } from "./roles.ts";

/** A role binding of a user who is locked, so that it stays as it was read. */
export interface HeldRole {
  id: string;
  role: Role;
  userId: string;
  workspaceId: string | null;
  deploymentId: string | null;
}

/** Where the caller's rights are judged, and the argument that named the user. */
export interface About {
  scope: Scope;
  argument: string;
}

/** The role of a user on a Workspace, a Deployment, or nothing. The user must be locked. */
export async function heldRole(
  tx: Prisma.TransactionClient,
  userId: string,
  where: { workspaceId: string } | { deploymentId: string },
): Promise<HeldRole | null> {
  const held = await tx.roleBinding.findFirst({ where: { userId, ...where } });
  return held && { ...held, userId };
}

/**
 * Gives a user another role in place of the one they hold. Ends their sessions if the new one allows less. Throws
 * FORBIDDEN if they hold a role the caller could not give, CONFLICT for the last admin of the scope.
 */
export async function changeRole(
  ctx: Context,
  tx: Prisma.TransactionClient,
  held: HeldRole,
  role: Role,
  about: About,
): Promise<void> {
  assertWithinReach(ctx, held.role, about.scope);
  if (role === held.role) return;
  if (isAdmin(held.role)) await assertAdminStays(tx, adminScopeOf(held), held.userId, about.argument);
  await tx.roleBinding.update({ where: { id: held.id }, data: { role }, select: { id: true } });
  if (allowsLess(ctx.roles, role, held.role)) await endSessions(tx, held.userId);
}

/** Takes a role from a user and ends their sessions. Throws as `changeRole` does. */
export async function removeRole(
  ctx: Context,
  tx: Prisma.TransactionClient,
  held: HeldRole,
  about: About,
): Promise<void> {
  assertWithinReach(ctx, held.role, about.scope);
  if (isAdmin(held.role)) await assertAdminStays(tx, adminScopeOf(held), held.userId, about.argument);
  await tx.roleBinding.delete({ where: { id: held.id }, select: { id: true } });
  await endSessions(tx, held.userId);
}

/** Throws FORBIDDEN unless the caller could give the role: nobody lowers people who stand above them. */
export function assertWithinReach(ctx: Context, role: Role, scope: Scope): void {
  if (!mayGrant(ctx.roles, ctx.caller, role, scope)) throw forbidden();
}

const isAdmin = (role: Role) => role.endsWith("_ADMIN");

const adminScopeOf = ({ workspaceId, deploymentId }: HeldRole): AdminScope =>
  deploymentId !== null ? { deploymentId } : workspaceId !== null ? { workspaceId } : "SYSTEM";

/** True if `role` lacks a right that `than` gives. */
export function allowsLess(roles: Roles, role: Role, than: Role): boolean {
  const given = roles.permissionsOf(role);
  // A Workspace Admin acts as Deployment Admin in the Workspace's Deployments.
  if (than === "WORKSPACE_ADMIN" && role !== than) return true;
  return [...roles.permissionsOf(than)].some((permission) => !given.has(permission));
}

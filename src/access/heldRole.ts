import type { Prisma } from "../generated/prisma/client.ts";
import { forbidden } from "../platform/errors/appError.ts";
import { assertAdminStays } from "./assertAdminStays.ts";
import { mayGrant, type Scope } from "./authorize.ts";
import type { Context } from "./context.ts";
import { endSessions } from "./endSessions.ts";
import { isAdmin } from "./reach.ts";
import type { Role, Roles } from "./roles.ts";

/** A role binding of a user. The user's row is locked, so the binding cannot change. */
export interface HeldRole {
  id: string;
  role: Role;
  userId: string;
  organizationId: string | null;
  workspaceId: string | null;
  deploymentId: string | null;
}

/** The scope on which the caller must hold permissions, and the argument that identified the user. */
export interface About {
  scope: Scope;
  argument: string;
}

/** The role of a user on an Organization, Workspace or Deployment; null for none. The user's row must be locked. */
export async function heldRole(
  tx: Prisma.TransactionClient,
  userId: string,
  where: { organizationId: string } | { workspaceId: string } | { deploymentId: string },
): Promise<HeldRole | null> {
  const held = await tx.roleBinding.findFirst({ where: { userId, ...where } });
  return held && { ...held, userId };
}

/**
 * Replaces the role of a user with another. Throws FORBIDDEN if they hold a role that the caller could not grant, CONFLICT
 * for the last admin of the scope. Their sessions continue: roles are read in every request.
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
  if (isAdmin(held.role)) await assertAdminStays(tx, held, held.userId, about.argument);
  await tx.roleBinding.update({ where: { id: held.id }, data: { role }, select: { id: true } });
}

/** Revokes a role of a user; if it is a system role, ends their sessions. Throws as `changeRole` does. */
export async function removeRole(
  ctx: Context,
  tx: Prisma.TransactionClient,
  held: HeldRole,
  about: About,
): Promise<void> {
  assertWithinReach(ctx, held.role, about.scope);
  if (isAdmin(held.role)) await assertAdminStays(tx, held, held.userId, about.argument);
  await tx.roleBinding.delete({ where: { id: held.id }, select: { id: true } });
  if (isSystemWide(held)) await endSessions(tx, held.userId);
}

/**
 * True for the scope of system roles. Only losing one of these ends sessions: anyone can create a Workspace, and removing
 * somebody from it must not sign them out of everything else.
 */
export const isSystemWide = ({ organizationId, workspaceId, deploymentId }: Scope): boolean =>
  !organizationId && !workspaceId && !deploymentId;

/** Throws FORBIDDEN unless the caller could grant the role: callers cannot change the role of a user with more permissions. */
export function assertWithinReach(ctx: Context, role: Role, scope: Scope): void {
  if (!mayGrant(ctx.roles, ctx.caller, role, scope)) throw forbidden();
}

/** True if `role` lacks a permission that `than` gives, or does not act as a role that `than` acts as. */
export function allowsLess(roles: Roles, role: Role, than: Role): boolean {
  const { actsAs } = roles.reach;
  if (actsAs[than]?.some((other) => role !== than && !actsAs[role]?.includes(other))) return true;
  const remaining = roles.permissionsOf(role);
  return [...roles.permissionsOf(than)].some((permission) => !remaining.has(permission));
}

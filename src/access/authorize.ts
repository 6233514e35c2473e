import type { Permission } from "./permissions.ts";
import type { Role, Roles } from "./roles.ts";
import { levelOf } from "./roles.ts";

/** One role held by the caller. Both ids null is the system. */
export interface Binding {
  role: Role;
  workspaceId: string | null;
  deploymentId: string | null;
}

/** Who is calling, loaded once per request. */
export interface Caller {
  kind: "user" | "serviceAccount" | "anonymous";
  /** Id of the user or the service account; empty for anonymous. */
  id: string;
  /** The session behind a user's token. */
  sessionId?: string;
  bindings: readonly Binding[];
}

/** Where a permission is asked for: a Deployment lies in its Workspace, everything lies in the system. */
export interface Scope {
  workspaceId?: string | null;
  deploymentId?: string | null;
}

export const anonymous: Caller = { kind: "anonymous", id: "", bindings: [] };

/**
 * The one rule of who may do what: true if one of the caller's roles that holds one of `wanted` covers `scope`.
 * System roles cover everything, Workspace roles their Workspace and its Deployments, Deployment roles one Deployment;
 * a `system.*` key needs a system role. The same rule as SQL stands in read/rights.ts.
 */
export function authorize(roles: Roles, caller: Caller, wanted: readonly Permission[], scope: Scope = {}): boolean {
  return wanted.some((permission) => {
    const holders = roles.holding(permission);
    return caller.bindings.some((binding) => holders.has(binding.role) && covers(binding, permission, scope));
  });
}

function covers({ role, workspaceId, deploymentId }: Binding, permission: Permission, scope: Scope): boolean {
  const level = levelOf(role);
  if (level === "SYSTEM") return true;
  if (permission.startsWith("system.")) return false;
  if (level === "WORKSPACE") return workspaceId !== null && workspaceId === scope.workspaceId;
  return permission.startsWith("deployment.") && deploymentId !== null && deploymentId === scope.deploymentId;
}

/** True if the caller holds, on `scope`, every permission that `role` would give there: nobody grants what they lack. */
export function mayGrant(roles: Roles, caller: Caller, role: Role, scope: Scope): boolean {
  return givenBy(roles, role).every((permission) => authorize(roles, caller, [permission], scope));
}

/** Every permission that holding `role` gives. */
export function givenBy(roles: Roles, role: Role): readonly Permission[] {
  const given = [...roles.permissionsOf(role)];
  // A Workspace Admin acts as Deployment Admin in the Workspace's Deployments, so those rights are granted too.
  if (role === "WORKSPACE_ADMIN") given.push(...roles.permissionsOf("DEPLOYMENT_ADMIN"));
  return given;
}

import type { Permission } from "./permissions.ts";
import { columnOf, type Holder, type Reach, type ScopeColumn } from "./reach.ts";
import { levelOf, type Role, type Roles } from "./roles.ts";

/** One role held by the caller. Both IDs null: on the platform. */
export type Binding = { role: Role } & { [column in ScopeColumn]: string | null };

/** Who is calling, loaded once per request. */
export interface Caller {
  kind: Holder | "anonymous";
  /** ID of the user or the service account; empty for anonymous. */
  id: string;
  /** The session behind a user's token. */
  sessionId?: string;
  bindings: readonly Binding[];
}

/** Where a permission must be held, with its enclosing scopes: a Deployment's scope includes the ID of its Workspace. */
export type Scope = { [column in ScopeColumn]?: string | null };

export const anonymous: Caller = { kind: "anonymous", id: "", bindings: [] };

/**
 * True if one of the caller's roles gives one of `wanted` in `scope`. reach.ts describes which roles apply there;
 * src/query/rights.ts compiles the same description to SQL.
 */
export function authorize(roles: Roles, caller: Caller, wanted: readonly Permission[], scope: Scope = {}): boolean {
  return wanted.some((permission) => {
    const holders = roles.holding(permission);
    return caller.bindings.some((binding) => holders.has(binding.role) && appliesTo(scope, binding, roles.reach));
  });
}

/** True if the role binding is on `scope` or one of its enclosing scopes. */
function appliesTo(scope: Scope, binding: Binding, reach: Reach): boolean {
  const column = columnOf(levelOf(binding.role, reach), reach);
  if (column === undefined) return true;
  const id = binding[column];
  // A binding without an ID applies to no scope; it must not match a scope without an ID.
  return typeof id === "string" && id === scope[column];
}

/** True if the caller holds, on `scope`, every permission that `role` would give there. */
export function mayGrant(roles: Roles, caller: Caller, role: Role, scope: Scope): boolean {
  return givenBy(roles, role).every((permission) => authorize(roles, caller, [permission], scope));
}

/** Every permission that holding `role` gives, including those of the roles it acts as. */
export const givenBy = (roles: Roles, role: Role): readonly Permission[] =>
  [role, ...(roles.reach.actsAs[role] ?? [])].flatMap((name) => [...roles.permissionsOf(name)]);

import type { Role } from "../generated/prisma/enums.ts";
import { type Permission, permissions } from "./permissions.ts";
import { canGive, houstonReach, type Level, levelOf, type Reach } from "./reach.ts";
import { roleDefinitions } from "./roleDefinitions.ts";

export { type Level, levelOf, type Role };

/** The permissions of every role, after the changes by configuration. */
export interface Roles {
  /** Which scopes a role applies to, and which role bindings count for a caller. */
  reach: Reach;
  /** The permissions of a role. */
  permissionsOf(role: Role): ReadonlySet<Permission>;
  /** The roles that give `permission` in the scopes they apply to, including roles that act as others. */
  holding(permission: Permission): ReadonlySet<Role>;
}

/** Changes by configuration: role → permission key → whether the role holds it. */
export type RoleOverrides = { [role in Role]?: { permissions?: Record<string, boolean> | undefined } | undefined };

/**
 * Collects the permissions of every role: inherited ones, its own, then what configuration adds or removes. Such a
 * change also applies to the roles that inherit from it. Throws if configuration names an unknown permission.
 */
export function createRoles(overrides: RoleOverrides = {}, reach: Reach = houstonReach): Roles {
  const held = new Map<Role, Set<Permission>>();
  const all = Object.keys(roleDefinitions) as Role[];
  const resolve = (role: Role): Set<Permission> => {
    const known = held.get(role);
    if (known) return known;
    const { inherits, permissions: own } = roleDefinitions[role];
    const set = new Set<Permission>([...inherits.flatMap((parent) => [...resolve(parent)]), ...own]);
    for (const [key, on] of Object.entries(overrides[role]?.permissions ?? {})) {
      if (!Object.hasOwn(permissions, key)) throw new Error(`roles.${role}.permissions.${key}: unknown permission`);
      if (on) set.add(key as Permission);
      else set.delete(key as Permission);
    }
    held.set(role, set);
    return set;
  };
  for (const role of all) resolve(role);

  const actsAs = Object.entries(reach.actsAs) as [Role, readonly Role[]][];
  const holding = new Map<Permission, Set<Role>>();
  for (const permission of Object.keys(permissions) as Permission[]) {
    const roles = new Set(all.filter((role) => held.get(role)?.has(permission) && canGive(role, permission, reach)));
    for (const [role, others] of actsAs) {
      if (others.some((other) => roles.has(other))) roles.add(role);
    }
    holding.set(permission, roles);
  }
  const none: ReadonlySet<never> = new Set();
  return {
    reach,
    permissionsOf: (role) => held.get(role) ?? none,
    holding: (permission) => holding.get(permission) ?? none,
  };
}

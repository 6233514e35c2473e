import type { Role } from "../generated/prisma/enums.ts";
import { type Permission, permissions } from "./permissions.ts";
import { canGive, houstonReach, type Level, levelOf, type Reach } from "./reach.ts";

export { type Level, levelOf, type Role };

interface RoleDefinition {
  /** The name shown to people: "Workspace Admin". */
  name: string;
  inherits: readonly Role[];
  permissions: readonly Permission[];
}

/** The default roles. Configuration can change them: `roles.<ROLE>.permissions.<key>: true | false`. */
export const roleDefinitions: Record<Role, RoleDefinition> = {
  WORKSPACE_VIEWER: {
    name: "Workspace Viewer",
    inherits: [],
    permissions: [
      "workspace.config.get",
      "workspace.deployments.get",
      "workspace.serviceAccounts.get",
      "workspace.users.get",
      "workspace.teams.get",
      "workspace.taskUsage.get",
      "workspace.deployments.config.get",
    ],
  },
  WORKSPACE_EDITOR: {
    name: "Workspace Editor",
    inherits: ["WORKSPACE_VIEWER"],
    permissions: [
      "workspace.config.update",
      "workspace.deployments.create",
      "workspace.deployments.upsert",
      "workspace.serviceAccounts.create",
      "workspace.serviceAccounts.update",
      "workspace.serviceAccounts.delete",
      "workspace.adminCount.get",
      "workspace.deployments.config.update",
    ],
  },
  WORKSPACE_ADMIN: {
    name: "Workspace Admin",
    inherits: ["WORKSPACE_EDITOR"],
    permissions: [
      "workspace.invites.get",
      "workspace.config.delete",
      "workspace.iam.update",
      "workspace.deployments.adopt",
      "workspace.teams.getAll",
      "workspace.users.getAll",
      "workspace.deployments.config.delete",
    ],
  },
  DEPLOYMENT_VIEWER: {
    name: "Deployment Viewer",
    inherits: [],
    permissions: [
      "deployment.airflow.get",
      "deployment.config.get",
      "deployment.logs.get",
      "deployment.images.pull",
      "deployment.metrics.get",
      "deployment.serviceAccounts.get",
      "deployment.variables.get",
      "deployment.users.get",
      "deployment.teams.get",
      "deployment.taskUsage.get",
      "deployment.status.get",
      "deployment.deployRevisions.get",
    ],
  },
  DEPLOYMENT_EDITOR: {
    name: "Deployment Editor",
    inherits: ["DEPLOYMENT_VIEWER"],
    permissions: [
      "deployment.airflow.user",
      "deployment.config.update",
      "deployment.images.push",
      "deployment.images.pull",
      "deployment.serviceAccounts.create",
      "deployment.serviceAccounts.update",
      "deployment.serviceAccounts.delete",
      "deployment.variables.update",
      "deployment.config.upsert",
      "deployment.adminCount.get",
      "deployment.deployments.config.update",
    ],
  },
  DEPLOYMENT_ADMIN: {
    name: "Deployment Admin",
    inherits: ["DEPLOYMENT_EDITOR"],
    permissions: [
      "deployment.airflow.admin",
      "deployment.config.delete",
      "deployment.userRoles.update",
      "deployment.teamRoles.update",
      "deployment.deployments.config.delete",
    ],
  },
  SYSTEM_VIEWER: {
    name: "System Viewer",
    inherits: ["WORKSPACE_VIEWER", "DEPLOYMENT_VIEWER"],
    permissions: [
      "system.airflow.get",
      "system.deployment.variables.get",
      "system.deployments.get",
      "system.invite.get",
      "system.monitoring.get",
      "system.serviceAccounts.get",
      "system.updates.get",
      "system.users.get",
      "system.teams.get",
      "system.workspace.get",
      "system.airflow.viewer",
      "system.taskUsage.get",
      "system.deployments.logs",
      "system.deployments.metrics",
      "system.deployments.status",
      "system.deployRevisions.get",
      "system.clusters.get",
      "system.workspace.deployments.config.get",
    ],
  },
  SYSTEM_EDITOR: {
    name: "System Editor",
    inherits: ["SYSTEM_VIEWER", "WORKSPACE_EDITOR", "DEPLOYMENT_EDITOR"],
    permissions: [
      "system.deployment.variables.update",
      "system.serviceAccounts.update",
      "system.airflow.user",
      "system.registryBaseImages.push",
      "system.adminCount.get",
      "system.workspace.deployments.config.update",
      "system.deployment.deployments.config.update",
    ],
  },
  SYSTEM_ADMIN: {
    name: "System Admin",
    inherits: ["SYSTEM_EDITOR", "WORKSPACE_ADMIN", "DEPLOYMENT_ADMIN"],
    permissions: [
      "system.iam.update",
      "system.deployments.adopt",
      "system.deployments.create",
      "system.deployments.upsert",
      "system.deployments.update",
      "system.deployments.delete",
      "system.invites.get",
      "system.serviceAccounts.create",
      "system.serviceAccounts.update",
      "system.serviceAccounts.delete",
      "system.user.invite",
      "system.user.delete",
      "system.user.verifyEmail",
      "system.workspace.delete",
      "system.airflow.admin",
      "system.deployments.images.push",
      "system.workspace.update",
      "system.teams.remove",
      "system.teams.create",
      "system.teams.update",
      "system.cleanupAirflowDb.delete",
      "system.cleanupDeployRevisions.delete",
      "system.clusters.update",
      "system.workspace.deployments.config.delete",
      "system.deployment.deployments.config.delete",
    ],
  },
  USER: {
    name: "User",
    inherits: [],
    permissions: [
      "system.workspace.create",
      "system.getAirflowReleaseById",
      "system.getEmailById",
      "system.getDeploymentById",
    ],
  },
};

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
 * Collects the permissions of every role: inherited ones, its own, then what configuration adds or removes. Such a change
 * also applies to the roles that inherit from it. Throws if configuration names an unknown permission.
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

import type { Role } from "../generated/prisma/enums.ts";
import { type Permission, permissions } from "./permissions.ts";

export type { Role };

interface RoleDefinition {
  /** The name people read: "Workspace Admin". */
  name: string;
  inherits: readonly Role[];
  permissions: readonly Permission[];
}

/** The roles as they ship. Configuration may re-cut them: `roles.<ROLE>.permissions.<key>: true | false`. */
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

/** The level a role lives on. USER is a system role. */
export type Level = "SYSTEM" | "WORKSPACE" | "DEPLOYMENT";

/** `levelOf("WORKSPACE_ADMIN")` is "WORKSPACE". */
export const levelOf = (role: Role): Level =>
  role.startsWith("WORKSPACE") ? "WORKSPACE" : role.startsWith("DEPLOYMENT") ? "DEPLOYMENT" : "SYSTEM";

/** What every role allows, after configuration has had its say. */
export interface Roles {
  /** The permissions a role holds. */
  permissionsOf(role: Role): ReadonlySet<Permission>;
  /** The roles that, held on the given level, allow `permission` there. WORKSPACE_ADMIN counts as DEPLOYMENT_ADMIN. */
  holding(permission: Permission): ReadonlySet<Role>;
}

/** Re-cuts from configuration: role → permission key → held or not. */
export type RoleOverrides = { [role in Role]?: { permissions?: Record<string, boolean> | undefined } | undefined };

/**
 * Works out every role's permissions: inherited ones, its own, then what configuration adds or removes. A re-cut passes
 * on to the roles that inherit from it. Throws when configuration names a permission that does not exist.
 */
export function createRoles(overrides: RoleOverrides = {}): Roles {
  const held = new Map<Role, Set<Permission>>();
  const all = Object.keys(roleDefinitions) as Role[];
  const resolve = (role: Role): Set<Permission> => {
    const known = held.get(role);
    if (known) return known;
    const { inherits, permissions: own } = roleDefinitions[role];
    const set = new Set<Permission>([...inherits.flatMap((parent) => [...resolve(parent)]), ...own]);
    for (const [key, on] of Object.entries(overrides[role]?.permissions ?? {})) {
      if (!Object.hasOwn(permissions, key)) throw new Error(`roles.${role}.permissions.${key}: no such permission`);
      if (on) set.add(key as Permission);
      else set.delete(key as Permission);
    }
    held.set(role, set);
    return set;
  };
  for (const role of all) resolve(role);

  const holding = new Map<Permission, Set<Role>>();
  for (const permission of Object.keys(permissions) as Permission[]) {
    const roles = new Set(all.filter((role) => held.get(role)?.has(permission)));
    // Workspace Admins act as Deployment Admins in all Deployments of the Workspace.
    if (permission.startsWith("deployment.") && roles.has("DEPLOYMENT_ADMIN")) roles.add("WORKSPACE_ADMIN");
    holding.set(permission, roles);
  }
  const none: ReadonlySet<never> = new Set();
  return {
    permissionsOf: (role) => held.get(role) ?? none,
    holding: (permission) => holding.get(permission) ?? none,
  };
}

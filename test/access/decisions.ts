import type { Permission } from "../../src/access/permissions.ts";
import type { Role } from "../../src/access/roles.ts";

/**
 * Who may call a field: anyone, anyone signed in, or callers with one of the permissions. If the level of the row
 * matters, the permissions for each level.
 */
export type Needs =
  | "public"
  | "signedIn"
  | readonly Permission[]
  | { workspace: readonly Permission[]; deployment: readonly Permission[] };

export interface Decision {
  needs: Needs;
  why: string;
}

const choices: Decision = {
  needs: "signedIn",
  why: "What can be chosen for a new Deployment; reveals nothing about any Workspace.",
};
const clusters: Decision = {
  needs: ["system.clusters.update"],
  why: 'The facts name "System Admin", the only role that holds it (docs/decisions/0006).',
};
const cordon: Decision = {
  needs: ["system.deployments.update"],
  why: "A cordon also applies to the Deployment's own admins (docs/decisions/0007).",
};
const billing: Decision = {
  needs: ["system.workspace.update"],
  why: "The permissions in the facts were removed in 0.34 and applied to the platform.",
};

/**
 * Who may call the root fields for which the public facts (test/contract) name no permission, no permission key, or a
 * less safe one. For a field that only Houston has, it replaces what test/contract/extensions.graphql records.
 */
export const decisions: Readonly<Record<string, Decision>> = {
  appConfig: {
    needs: "public",
    why: "Clients request it before they have a token, or with one that expired long ago.",
  },
  deployment: {
    needs: ["deployment.config.get", "workspace.deployments.get", "system.deployments.get"],
    why: "The facts let every USER look one up by ID; here those may who see it in the list of its Workspace.",
  },
  email: {
    needs: "signedIn",
    why: "As for `deployment`, but users need no role for their own address; the row is checked.",
  },
  teamUsers: { needs: "signedIn", why: "The facts omit the members themselves; access depends on the team." },
  runtimeReleases: choices,
  airflowReleases: choices,
  deploymentConfig: choices,
  availableNamespaces: choices,
  groups: { needs: ["system.teams.get"], why: "The legacy name for teams." },
  groupAddUser: { needs: ["system.teams.update"], why: "The legacy name for teams." },
  deleteInviteToken: {
    needs: ["workspace.iam.update", "system.user.invite"],
    why: "Callers who may invite there may cancel the invitation.",
  },
  registerCluster: clusters,
  deregisterCluster: clusters,
  cordonDeployment: cordon,
  uncordonDeployment: cordon,
  paginatedDeployRevisions: {
    needs: ["deployment.deployRevisions.get", "system.deployRevisions.get"],
    why: "Readers of a Deployment see its deploys; the list of all requires the system permission.",
  },
  auditLog: {
    needs: ["workspace.auditLog.get", "system.auditLog.get"],
    why: "Admins of a Workspace see what happened in it; the list of all requires the system permission.",
  },
  toggleWebserverReboot: { needs: ["deployment.config.update"], why: "A setting of the Deployment like any other." },
  unadoptDeployment: { needs: ["workspace.deployments.adopt"], why: "The reverse of `adoptDeployment`." },
  validateGitSyncCredentials: {
    needs: { workspace: ["workspace.deployments.create"], deployment: ["deployment.config.update"] },
    why: "Callers who may store such credentials may test them.",
  },
  card: billing,
  addCard: billing,
  updateCard: billing,
  addCustomerId: billing,
  suspendWorkspace: billing,
  extendWorkspaceTrial: billing,
};

const seesOrganization: Decision = {
  needs: "signedIn",
  why: "Everyone belongs to the default Organization; lists contain the rows that the caller may see.",
};

/**
 * Who may call the operations of the Platform API, whose contract names no permissions, among those who belong to the
 * Organization in the path. To the default one belongs everyone; to another, whoever holds a role in it or on the system.
 */
export const routeDecisions: Readonly<Record<string, Decision>> = {
  listOrganizations: { needs: "signedIn", why: "Lists the Organizations that the caller belongs to." },
  getOrganization: seesOrganization,
  createOrganization: {
    needs: ["system.organizations.create"],
    why: "Houston's own; like other rows of the platform.",
  },
  updateOrganization: { needs: ["system.organizations.update"], why: "Concerns all Workspaces of the Organization." },
  listClusters: { needs: "signedIn", why: "As the query `paginatedClusters`." },
  getCluster: { needs: "signedIn", why: "As in the list, which shows the same." },
  createCluster: clusters,
  updateCluster: clusters,
  deleteCluster: clusters,
  getClusterOptions: { needs: "signedIn", why: "What can be chosen for a cluster; reveals nothing about any of them." },
  listDeployments: seesOrganization,
  getDeployment: {
    needs: ["deployment.config.get", "system.deployments.get", "workspace.deployments.get"],
    why: "Those who see it in the list: as the queries `deployment` and `workspaceDeployments`.",
  },
  createDeployment: {
    needs: ["workspace.deployments.create", "system.deployments.create"],
    why: "As the mutation, on the Workspace in the body.",
  },
  updateDeployment: { needs: ["deployment.config.update", "system.deployments.update"], why: "As the mutation." },
  getDeploymentOptions: choices,
  deleteDeployment: { needs: ["deployment.config.delete", "system.deployments.delete"], why: "As the mutation." },
  listWorkspaces: seesOrganization,
  createWorkspace: { needs: ["system.workspace.create"], why: "As the mutation: every user may." },
  getWorkspace: { needs: ["workspace.config.get", "system.workspace.get"], why: "As the query `workspace`." },
  updateWorkspace: { needs: ["workspace.config.update", "system.workspace.update"], why: "As the mutation." },
  deleteWorkspace: { needs: ["workspace.config.delete", "system.workspace.delete"], why: "As the mutation." },
};

/**
 * The lowest role that holds a permission, where the public role file (test/contract/roles.json) has no such permission
 * or names a higher role.
 */
export const lowestRoles = {
  // It names people, their addresses and what they were denied.
  "system.auditLog.get": "SYSTEM_ADMIN",
  "workspace.auditLog.get": "WORKSPACE_ADMIN",
  // It names everything that has a key, and who made it.
  "system.serviceAccountKeys.get": "SYSTEM_ADMIN",
  // Whoever has such a token decides who is in every team of the provider.
  "system.scimTokens.get": "SYSTEM_ADMIN",
  "system.scimTokens.update": "SYSTEM_ADMIN",
  // Organizations exist in the Platform API and the alpha API only.
  "system.organizations.get": "SYSTEM_VIEWER",
  "system.organizations.create": "SYSTEM_ADMIN",
  "system.organizations.update": "SYSTEM_ADMIN",
} as const satisfies Partial<Record<Permission, Role>>;

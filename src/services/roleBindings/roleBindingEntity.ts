import type { Entity } from "../../query/entity.ts";
import type { Right } from "../../query/rights.ts";

/**
 * Callers who may see the users (teams, service accounts) of a scope may see their roles there; everyone sees their own
 * roles and those of their teams.
 */
const visible: readonly Right<"RoleBinding">[] = [
  { caller: "userId" },
  { callerAccount: "serviceAccountId" },
  { permission: "system.users.get", of: "userId" },
  { permission: "workspace.users.get", workspace: "workspaceId", of: "userId" },
  { permission: "deployment.users.get", deployment: "deploymentId", of: "userId" },
  { permission: "system.serviceAccounts.get", of: "serviceAccountId" },
  { permission: "workspace.serviceAccounts.get", workspace: "workspaceId", of: "serviceAccountId" },
  { permission: "deployment.serviceAccounts.get", deployment: "deploymentId", of: "serviceAccountId" },
  { permission: "system.teams.get", of: "teamId" },
  { permission: "workspace.teams.get", workspace: "workspaceId", of: "teamId" },
  { permission: "deployment.teams.get", deployment: "deploymentId", of: "teamId" },
  {
    through: { table: "TeamMember", theirs: "teamId", ours: "teamId", rights: [{ caller: "userId" }] },
    of: "teamId",
  },
];

/** A role held by a user, a team or a service account on the system, a Workspace or a Deployment. */
export const roleBindingEntity: Entity<"RoleBinding"> = {
  table: "RoleBinding",
  visible,
  subjects: ["userId", "teamId", "serviceAccountId"],
  // Roles on Organizations belong to the alpha API.
  where: `$row."organizationId" IS NULL`,
  scope: { workspace: "workspaceId", deployment: "deploymentId" },
  order: `$row."createdAt", $row.id`,
  fields: {
    user: { one: "User", ours: "userId", implied: true },
    team: { one: "Team", ours: "teamId", implied: true },
    serviceAccount: { one: "ServiceAccount", ours: "serviceAccountId", implied: true },
    workspace: { one: "Workspace", ours: "workspaceId" },
    deployment: { one: "Deployment", ours: "deploymentId" },
  },
};

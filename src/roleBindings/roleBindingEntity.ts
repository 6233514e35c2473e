import { entity } from "../read/entity.ts";
import type { Right } from "../read/rights.ts";

/** Who may see users (or service accounts) of a scope may see which role they hold there; everyone sees their own. */
const visible: readonly Right[] = [
  { caller: "userId" },
  { callerAccount: "serviceAccountId" },
  { permission: "system.users.get", of: "userId" },
  { permission: "workspace.users.get", workspace: "workspaceId", of: "userId" },
  { permission: "deployment.users.get", deployment: "deploymentId", of: "userId" },
  { permission: "system.serviceAccounts.get", of: "serviceAccountId" },
  { permission: "workspace.serviceAccounts.get", workspace: "workspaceId", of: "serviceAccountId" },
  { permission: "deployment.serviceAccounts.get", deployment: "deploymentId", of: "serviceAccountId" },
];

/** A role held by a user or a service account on the system, a Workspace or a Deployment. */
export const roleBindingEntity = entity<"RoleBinding">({
  table: "RoleBinding",
  visible,
  subjects: ["userId", "serviceAccountId"],
  scope: { workspace: "workspaceId", deployment: "deploymentId" },
  order: `$row."createdAt", $row.id`,
  fields: {
    user: { one: "User", ours: "userId", implied: true },
    serviceAccount: { one: "ServiceAccount", ours: "serviceAccountId", implied: true },
    workspace: { one: "Workspace", ours: "workspaceId" },
    deployment: { one: "Deployment", ours: "deploymentId" },
  },
});

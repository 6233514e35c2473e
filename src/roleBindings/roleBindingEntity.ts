import { entity } from "../read/entity.ts";
import type { Right } from "../read/rights.ts";

const ofUser = `$row."userId" IS NOT NULL`;
const ofAccount = `$row."serviceAccountId" IS NOT NULL`;

/** Who may see users (or service accounts) of a scope may see which role they hold there; everyone sees their own. */
const visible: readonly Right[] = [
  { caller: "userId" },
  { callerAccount: "serviceAccountId" },
  { permission: "system.users.get", when: ofUser },
  { permission: "workspace.users.get", workspace: "workspaceId", when: ofUser },
  { permission: "deployment.users.get", deployment: "deploymentId", when: ofUser },
  { permission: "system.serviceAccounts.get", when: ofAccount },
  { permission: "workspace.serviceAccounts.get", workspace: "workspaceId", when: ofAccount },
  { permission: "deployment.serviceAccounts.get", deployment: "deploymentId", when: ofAccount },
];

/** A role held by a user or a service account on the system, a Workspace or a Deployment. */
export const roleBindingEntity = entity<"RoleBinding">({
  table: "RoleBinding",
  visible,
  scope: { workspace: "workspaceId", deployment: "deploymentId" },
  order: `$row."createdAt", $row.id`,
  fields: {
    user: { one: "User", ours: "userId", implied: true },
    serviceAccount: { one: "ServiceAccount", ours: "serviceAccountId", implied: true },
    workspace: { one: "Workspace", ours: "workspaceId" },
    deployment: { one: "Deployment", ours: "deploymentId" },
  },
});

import type { Permission } from "../../access/permissions.ts";
import type { Entity } from "../../query/entity.ts";
import type { Right } from "../../query/rights.ts";

const here = (permission: Permission): readonly Right<"Workspace">[] => [{ permission, workspace: "id" }];

/** Workspaces. */
export const workspaceEntity: Entity<"Workspace"> = {
  table: "Workspace",
  visible: [{ permission: "workspace.config.get", workspace: "id" }, { permission: "system.workspace.get" }],
  scope: { workspace: "id" },
  order: `$row."createdAt", $row.id`,
  fields: {
    uuid: { column: "id" },
    deployments: { many: "Deployment", theirs: "workspaceId", implied: true },
    deploymentCount: {
      sql: `(SELECT count(*)::int FROM "Deployment" c WHERE c."workspaceId" = $row.id AND c."deletedAt" IS NULL)`,
    },
    users: {
      many: "User",
      theirs: "id",
      via: { table: "RoleBinding", ours: "workspaceId", to: "userId" },
      implied: true,
    },
    roleBindings: { many: "RoleBinding", theirs: "workspaceId" },
    serviceAccounts: { many: "ServiceAccount", theirs: "workspaceId", implied: true },
    invites: { many: "Invite", theirs: "workspaceId", implied: true, first: true },
    billingEnabled: { sql: "false" },
    paywallEnabled: { sql: "false" },
    workspaceCapabilities: {
      may: {
        canUpdateBilling: [{ permission: "system.workspace.update" }],
        canUpdateIAM: here("workspace.iam.update"),
        canUpdateWorkspace: here("workspace.config.update"),
        canDeleteWorkspace: here("workspace.config.delete"),
        canCreateDeployment: here("workspace.deployments.create"),
        canInviteUser: here("workspace.iam.update"),
        canUpdateUser: here("workspace.iam.update"),
        canDeleteUser: here("workspace.iam.update"),
        canCreateServiceAccount: here("workspace.serviceAccounts.create"),
        canUpdateServiceAccount: here("workspace.serviceAccounts.update"),
        canDeleteServiceAccount: here("workspace.serviceAccounts.delete"),
      },
    },
  },
};

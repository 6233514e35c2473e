import type { Context } from "../../access/context.ts";
import type { Permission } from "../../access/permissions.ts";
import type { Entity } from "../../query/entity.ts";
import type { Right } from "../../query/rights.ts";
import { overrides } from "./configuration/effectiveConfig.ts";
import { deploymentUrls } from "./deploymentUrls.ts";
import { deployInfo } from "./lifecycle/deploy.ts";
import { schedulerConfig } from "./sizing/schedulerConfig.ts";

const here = (permission: Permission): readonly Right<"Deployment">[] => [
  { permission, deployment: "id", workspace: "workspaceId" },
];

/**
 * Whether the platform provides a part of an Airflow: always if it created it, else if that was chosen at its adoption.
 */
const managedHere = (choice: string) =>
  `($row."adoptedAt" IS NULL OR coalesce($row.adoption->'${choice}' = 'true'::jsonb, false))`;

/** Deployments. Deleted ones are visible to nobody. */
export const deploymentEntity: Entity<"Deployment"> = {
  table: "Deployment",
  where: `$row."deletedAt" IS NULL`,
  visible: [
    { permission: "system.deployments.get" },
    { permission: "workspace.deployments.get", workspace: "workspaceId" },
    { permission: "deployment.config.get", deployment: "id", workspace: "workspaceId" },
  ],
  scope: { deployment: "id", workspace: "workspaceId" },
  order: `$row."createdAt", $row.id`,
  fields: {
    uuid: { column: "id" },
    workers: { sql: `$row.config->'workers'` },
    webserver: { sql: `$row.config->'webserver'` },
    scheduler: { from: ["config"], and: { overrides }, make: schedulerConfig },
    // Results contain no secrets, not even encrypted ones.
    dagDeployment: { sql: `($row."dagDeployment" - 'httpsToken') || '{"sshKey": ""}'` },
    environmentVariables: { many: "EnvironmentVariable", theirs: "deploymentId", implied: true },
    upsertedEnvironmentVariables: { many: "EnvironmentVariable", theirs: "deploymentId", implied: true },
    urls: {
      from: ["releaseName", "executor"],
      and: { domain: `(SELECT c."baseDomain" FROM "Cluster" c WHERE c.id = $row."clusterId")` },
      make: (row: Parameters<typeof deploymentUrls>[1], { config }: Context) => deploymentUrls(config, row),
    },
    // With Runtime, clients expect only its own versions: they read a value here as plain Airflow.
    airflowVersion: { sql: `CASE WHEN $row."runtimeVersion" IS NULL THEN $row."airflowVersion" END` },
    desiredAirflowVersion: { sql: `CASE WHEN $row."runtimeVersion" IS NULL THEN $row."desiredAirflowVersion" END` },
    runtimeAirflowVersion: { sql: `CASE WHEN $row."runtimeVersion" IS NOT NULL THEN $row."airflowVersion" END` },
    deployInfo: { from: ["image", "deployCount"], and: { overrides }, make: deployInfo },
    deploymentStatus: { sql: `json_build_object('status', $row.status, 'statusReason', $row."statusReason")` },
    isAdopted: { sql: `($row."adoptedAt" IS NOT NULL)` },
    adoptionLoggingManagedByApc: { sql: managedHere("useApcLogging") },
    adoptionRegistryManagedByApc: { sql: managedHere("useApcRegistry") },
    workspace: { one: "Workspace", ours: "workspaceId" },
    cluster: { one: "Cluster", ours: "clusterId", implied: true },
    roleBindings: { many: "RoleBinding", theirs: "deploymentId" },
    serviceAccounts: { many: "ServiceAccount", theirs: "deploymentId", implied: true },
    deploymentCapabilities: {
      may: {
        canDeploy: here("deployment.images.push"),
        canUpdateDeployment: here("deployment.config.update"),
        canDeleteDeployment: here("deployment.config.delete"),
        canCreateServiceAccount: here("deployment.serviceAccounts.create"),
        canUpdateServiceAccount: here("deployment.serviceAccounts.update"),
        canDeleteServiceAccount: here("deployment.serviceAccounts.delete"),
        canUpdateVariables: here("deployment.variables.update"),
        canUpdateUserRole: here("deployment.userRoles.update"),
      },
    },
  },
};

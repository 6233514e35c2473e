import type { Entity } from "../../../query/entity.ts";

/** Deploys of Deployments. Those of deleted Deployments are visible to nobody. */
export const deployRevisionEntity: Entity<"DeployRevision"> = {
  table: "DeployRevision",
  where: `EXISTS (SELECT 1 FROM "Deployment" x WHERE x.id = $row."deploymentId" AND x."deletedAt" IS NULL)`,
  visible: [
    { permission: "system.deployRevisions.get" },
    { permission: "deployment.deployRevisions.get", deployment: "deploymentId" },
  ],
  scope: { deployment: "deploymentId" },
  order: `$row."createdAt" DESC, $row.id DESC`,
  fields: {
    deploymentUuid: { column: "deploymentId" },
    deployment: { one: "Deployment", ours: "deploymentId" },
  },
};

import type { Entity } from "../../query/entity.ts";

/** What Houston keeps on clusters. */
export const provisionEntity: Entity<"Provision"> = {
  table: "Provision",
  visible: [{ permission: "system.deployments.get" }],
  scope: {},
  order: `$row."createdAt", $row.id`,
  fields: {
    isDeleted: {
      sql: `NOT EXISTS (SELECT 1 FROM "Deployment" d WHERE d.id = $row.id AND d."deletedAt" IS NULL)`,
    },
    cluster: { one: "Cluster", ours: "clusterId" },
  },
};

import type { Entity } from "../../query/entity.ts";

/** Integrations, for those who may see the pipelines of their Application's Organization. */
export const integrationEntity: Entity<"Integration"> = {
  table: "Integration",
  visible: [
    {
      through: {
        table: "Application",
        theirs: "id",
        ours: "applicationId",
        rights: [{ permission: "organization.pipelines.get", organization: "organizationId" }],
      },
    },
  ],
  scope: {},
  order: `$row."createdAt", $row.id`,
  fields: { appId: { column: "applicationId" } },
};

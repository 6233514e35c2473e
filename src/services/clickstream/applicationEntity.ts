import type { Entity } from "../../query/entity.ts";

/** Applications, for those who may see the pipelines of their Organization. */
export const applicationEntity: Entity<"Application"> = {
  table: "Application",
  visible: [{ permission: "organization.pipelines.get", organization: "organizationId" }],
  scope: { organization: "organizationId" },
  order: `$row."createdAt", $row.id`,
  fields: { orgId: { column: "organizationId" } },
};

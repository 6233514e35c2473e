import type { Entity } from "../../query/entity.ts";
import { creatorRemoved } from "./creatorRemoved.ts";
import { previousKeyFields } from "./keyFields.ts";
import { ownRole } from "./serviceAccountEntity.ts";

/** Service accounts of every level, with those of Organizations, for whoever watches over their keys. */
export const serviceAccountKeyEntity: Entity<"ServiceAccount"> = {
  table: "ServiceAccount",
  visible: [{ permission: "system.serviceAccountKeys.get" }],
  scope: {},
  order: `$row."keyCreatedAt", $row.id`,
  fields: {
    entityType: {
      sql: `CASE WHEN $row."organizationId" IS NOT NULL THEN 'ORGANIZATION' WHEN $row."workspaceId" IS NOT NULL
    THEN 'WORKSPACE' WHEN $row."deploymentId" IS NOT NULL THEN 'DEPLOYMENT' ELSE 'SYSTEM' END`,
    },
    entityUuid: { sql: `coalesce($row."organizationId", $row."workspaceId", $row."deploymentId")` },
    role: { sql: `${ownRole}::text` },
    creatorRemoved: { sql: creatorRemoved },
    ...previousKeyFields,
  },
};

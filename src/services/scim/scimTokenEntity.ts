import type { Entity } from "../../query/entity.ts";

/** The tokens of SCIM clients. */
export const scimTokenEntity: Entity<"ScimToken"> = {
  table: "ScimToken",
  visible: [{ permission: "system.scimTokens.get" }],
  scope: {},
  order: `$row."createdAt", $row.id`,
  fields: {
    // Stored as a hash only.
    token: { sql: "NULL::text" },
  },
};

import type { Entity } from "../../query/entity.ts";
import { roleName } from "./organizationUserEntity.ts";

/** Organizations as the alpha API shows them: to those who belong to them. */
export const organizationEntity: Entity<"Organization"> = {
  table: "Organization",
  visible: [{ permission: "system.organizations.get" }, { memberOf: "id" }],
  scope: { organization: "id" },
  order: `$row."createdAt", $row.id`,
  fields: {
    // The caller's roles are in the CTE `held` of every statement.
    role: { sql: `(SELECT ${roleName("h.role")} FROM held h WHERE h."organizationId" = $row.id LIMIT 1)` },
    users: { many: "OrganizationUser", theirs: "organizationId", implied: true },
  },
};

import type { Entity } from "../../query/entity.ts";
import { previousKeyFields } from "../serviceAccounts/keyFields.ts";
import { roleNames } from "./apiKey.ts";

const nameOf = Object.entries(roleNames).map(([name, role]) => `WHEN '${role}' THEN '${name}'`);

/** The service accounts of Organizations, without their keys. */
export const apiKeyEntity: Entity<"ServiceAccount"> = {
  table: "ServiceAccount",
  visible: [{ permission: "organization.serviceAccounts.get", organization: "organizationId" }],
  where: `$row."organizationId" IS NOT NULL`,
  scope: { organization: "organizationId" },
  order: `$row."createdAt", $row.id`,
  fields: {
    name: { column: "label" },
    ...previousKeyFields,
    role: {
      sql: `(SELECT CASE b.role::text ${nameOf.join(" ")} END FROM "RoleBinding" b
  WHERE b."serviceAccountId" = $row.id AND b."organizationId" = $row."organizationId")`,
    },
  },
};

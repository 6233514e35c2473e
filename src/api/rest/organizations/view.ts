import { fieldsIn } from "../routing/mapping.ts";
import type { View } from "../routing/views.ts";
import { organizationMapping } from "./mapping.ts";
import { Organization } from "./schemas.ts";

/** Organizations as the Platform API shows them. */
export const organizationView: View<"Organization"> = {
  schema: Organization,
  requires: { billingEmail: ["system.organizations.update", "organization.config.update"] },
  entity: {
    table: "Organization",
    visible: [{ permission: "system.organizations.get" }, { memberOf: "id" }],
    scope: { organization: "id" },
    order: `$row."createdAt", $row.id`,
    fields: fieldsIn(organizationMapping),
  },
};

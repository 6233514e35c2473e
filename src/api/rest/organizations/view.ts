import { subjectIn } from "../routing/parts.ts";
import type { View } from "../routing/views.ts";
import { Organization } from "./schemas.ts";

/** Organizations as the Platform API shows them. */
export const organizationView: View<"Organization"> = {
  schema: Organization,
  requires: { billingEmail: ["system.organizations.update"] },
  entity: {
    table: "Organization",
    visible: [{ permission: "system.organizations.get" }, { memberOf: "id" }],
    scope: {},
    order: `$row."createdAt", $row.id`,
    fields: {
      productPlans: {
        json: `'[{"astronomerProduct":"ASTRO","organizationId":"' || $row.id || '","productPlanId":' ||
          to_json(lower($row."supportPlan"))::text || ',"productPlanName":' || to_json($row."supportPlan")::text || '}]'`,
      },
      managedDomains: { json: `'[]'` },
      createdBy: subjectIn("createdBy"),
      updatedBy: subjectIn("updatedBy"),
    },
  },
};

import type { Mapping } from "../routing/mapping.ts";
import { subjectIn } from "../routing/parts.ts";
import type { Organization } from "./schemas.ts";

const only = { v1: "Only here." };

/** How each field of an Organization maps to the table. The GraphQL API has no Organizations. */
export const organizationMapping: Mapping<typeof Organization, "Organization"> = {
  id: only,
  name: only,
  billingEmail: only,
  isScimEnabled: only,
  product: only,
  supportPlan: only,
  productPlans: {
    v1: "Only here: the support plan as the plan of the product `ASTRO`.",
    fetch: {
      json: `'[{"astronomerProduct":"ASTRO","organizationId":"' || $row.id || '","productPlanId":' ||
        to_json(lower($row."supportPlan"))::text || ',"productPlanName":' || to_json($row."supportPlan")::text || '}]'`,
    },
  },
  status: only,
  paymentMethod: only,
  trialExpiresAt: only,
  managedDomains: { v1: "Always empty.", fetch: { json: `'[]'` } },
  allowEnhancedSupportAccess: only,
  shouldEnforceDedicatedClusters: only,
  createdAt: only,
  updatedAt: only,
  createdBy: { ...only, fetch: subjectIn("createdBy") },
  updatedBy: { ...only, fetch: subjectIn("updatedBy") },
};

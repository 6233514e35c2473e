import { z } from "zod";
import { Flag, oneOf } from "../../../platform/input/input.ts";
import { BillingEmail, OrganizationName } from "../../../services/organizations/organizationInput.ts";
import { PageInfo, Paging, Subject, Time } from "../routing/parts.ts";

/** Support plans of the first clients, by which lists are filtered, and all of them. */
const plans = ["BASIC", "BUSINESS_CRITICAL", "PREMIUM", "STANDARD", "TRIAL"] as const;
const laterPlans = [
  ...["BASIC_PAYGO", "BUSINESS", "BUSINESS_V2", "DEVELOPER", "DEVELOPER_PAYGO", "ENTERPRISE"],
  ...["ENTERPRISE_BUSINESS_CRITICAL", "ENTERPRISE_V2", "IBM_ENTERPRISE", "INACTIVE", "INTERNAL", "POV", "TEAM"],
  ...["TEAM_PAYGO", "TEAM_V2", "TRIAL_V2"],
] as const;
const products = ["HOSTED", "HYBRID"] as const;
const astronomerProducts = ["ASTRO", "OBSERVE"] as const;

const ManagedDomain = z
  .strictObject({
    id: z.string(),
    organizationId: z.string(),
    name: z.string(),
    status: oneOf(["PENDING", "VERIFIED"]),
    enforcedLogins: z.array(z.string()).optional(),
    createdAt: Time,
    updatedAt: Time,
  })
  .meta({ id: "ManagedDomain" });

const OrganizationProductPlan = z
  .strictObject({
    astronomerProduct: oneOf(astronomerProducts),
    organizationId: z.string(),
    productPlanId: z.string(),
    productPlanName: z.string(),
  })
  .meta({ id: "OrganizationProductPlan" });

export const Organization = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    billingEmail: z.string().optional().describe("Shown to those who may change it."),
    isScimEnabled: z.boolean(),
    product: oneOf(products).optional(),
    supportPlan: z.enum([...plans, ...laterPlans]),
    productPlans: z.array(OrganizationProductPlan).optional(),
    status: oneOf(["ACTIVE", "INACTIVE", "SUSPENDED"]).optional(),
    paymentMethod: oneOf([
      ...(["AWS_MARKETPLACE", "AZURE_MARKETPLACE", "CREDIT_CARD", "GCP_MARKETPLACE", "INVOICE"] as const),
      "SNOWFLAKE_MARKETPLACE",
    ]).optional(),
    trialExpiresAt: Time.optional(),
    managedDomains: z.array(ManagedDomain).optional(),
    allowEnhancedSupportAccess: z.boolean(),
    shouldEnforceDedicatedClusters: z.boolean(),
    createdAt: Time,
    updatedAt: Time,
    createdBy: Subject,
    updatedBy: Subject,
  })
  .meta({ id: "Organization" });

export const OrganizationsPaginated = z
  .strictObject({ organizations: z.array(Organization), ...PageInfo })
  .meta({ id: "OrganizationsPaginated" });

export const OrganizationsQuery = z.strictObject({
  supportPlan: oneOf(plans).optional().describe("Only Organizations with this support plan."),
  productPlan: oneOf(plans).optional().describe("The same as supportPlan, under its later name."),
  product: oneOf(products).optional().describe("Only Organizations with this product."),
  astronomerProduct: oneOf(astronomerProducts)
    .optional()
    .describe("Only Organizations with a plan for this product; all of them have one for ASTRO."),
  ...Paging,
});

export const CreateOrganizationRequest = z
  .strictObject({ name: OrganizationName, billingEmail: BillingEmail.optional() })
  .meta({ id: "CreateOrganizationRequest" });

export const UpdateOrganizationRequest = z
  .strictObject({
    name: OrganizationName,
    billingEmail: BillingEmail,
    isScimEnabled: Flag,
    allowEnhancedSupportAccess: Flag.optional(),
    shouldEnforceDedicatedClusters: Flag.optional(),
  })
  .meta({ id: "UpdateOrganizationRequest" });

export const OrganizationQuery = z.strictObject({
  isLookUpOnly: Flag.optional().describe("Accepted for clients that send it; the answer is the same."),
});

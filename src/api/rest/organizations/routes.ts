import { createOrganization } from "../../../services/organizations/createOrganization.ts";
import { updateOrganization } from "../../../services/organizations/updateOrganization.ts";
import { pageOf } from "../routing/parts.ts";
import { defineRoute, holding, inOrganization, signedIn } from "../routing/route.ts";
import {
  CreateOrganizationRequest,
  Organization,
  OrganizationQuery,
  OrganizationsPaginated,
  OrganizationsQuery,
  UpdateOrganizationRequest,
} from "./schemas.ts";

const tag = "organization";

/** The operations about Organizations. */
export const organizationRoutes = [
  defineRoute({
    operationId: "listOrganizations",
    tag,
    method: "GET",
    path: "/organizations",
    summary: "List the Organizations that you belong to",
    access: [signedIn],
    query: OrganizationsQuery,
    answer: OrganizationsPaginated,
    errors: [400, 401, 403, 500],
    work: {
      read: "Organization",
      find: ({ query: { supportPlan, productPlan = supportPlan, product, astronomerProduct, ...page } }) => ({
        where: {
          supportPlan: productPlan,
          product,
          id: astronomerProduct === "OBSERVE" || productPlan !== (supportPlan ?? productPlan) ? [] : undefined,
        },
        page: pageOf("organizations", page, { createdAt: "createdAt", name: "name", updatedAt: "updatedAt" }),
      }),
    },
  }),
  defineRoute({
    operationId: "createOrganization",
    tag,
    method: "POST",
    path: "/organizations",
    summary: "Create an Organization",
    description: "Only Houston has this operation; the hosted product does not.",
    access: [holding("SYSTEM", "", "system.organizations.create")],
    body: CreateOrganizationRequest,
    example: { name: "Research", billingEmail: "billing@example.com" },
    answer: Organization,
    errors: [400, 401, 403, 500],
    work: { run: (ctx, { body }) => createOrganization(ctx, body), thenRead: "Organization" },
  }),
  defineRoute({
    operationId: "getOrganization",
    tag,
    method: "GET",
    path: "/organizations/{organizationId}",
    summary: "Get an Organization",
    access: [inOrganization],
    query: OrganizationQuery,
    answer: Organization,
    errors: [400, 401, 403, 404, 500],
    work: {
      read: "Organization",
      find: ({ params: { organizationId } }) => ({ where: { id: organizationId } }),
    },
  }),
  defineRoute({
    operationId: "updateOrganization",
    tag,
    method: "POST",
    path: "/organizations/{organizationId}",
    summary: "Update an Organization",
    access: [
      inOrganization,
      holding("ORGANIZATION", "organizationId", "organization.config.update", "system.organizations.update"),
    ],
    body: UpdateOrganizationRequest,
    example: {
      name: "Research and development",
      billingEmail: "billing@example.com",
      isScimEnabled: false,
      allowEnhancedSupportAccess: false,
      shouldEnforceDedicatedClusters: false,
    },
    answer: Organization,
    errors: [400, 401, 403, 404, 500],
    work: {
      run: (ctx, { params: { organizationId }, body }) => updateOrganization(ctx, { ...body, organizationId }),
      thenRead: "Organization",
    },
  }),
];

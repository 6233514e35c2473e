import { deleteDeployment } from "../../../services/deployments/lifecycle/deleteDeployment.ts";
import { pageOf } from "../routing/parts.ts";
import { defineRoute, holding, inOrganization } from "../routing/route.ts";
import { Deployment, DeploymentsPaginated, DeploymentsQuery } from "./schemas.ts";

const tag = "deployment";
const list = "/organizations/{organizationId}/deployments";
const one = "/organizations/{organizationId}/deployments/{deploymentId}";
const row = { view: "Deployment", id: "deploymentId" } as const;
// Whoever sees a Deployment in a list may also get it.
const see = ["deployment.config.get", "system.deployments.get", "workspace.deployments.get"] as const;

/** The operations that list, show and delete Deployments. */
export const deploymentRoutes = [
  defineRoute({
    operationId: "listDeployments",
    tag,
    method: "GET",
    path: list,
    summary: "List the Deployments that you may see",
    access: [inOrganization],
    query: DeploymentsQuery,
    answer: DeploymentsPaginated,
    errors: [400, 401, 403, 500],
    work: {
      read: "Deployment",
      find: ({ params: { organizationId }, query }) => ({
        where: { organizationId, id: query.deploymentIds, workspaceId: query.workspaceIds, label: query.names },
        page: pageOf("deployments", query, { createdAt: "createdAt", name: "label", updatedAt: "updatedAt" }),
      }),
    },
  }),
  defineRoute({
    operationId: "getDeployment",
    tag,
    method: "GET",
    path: one,
    summary: "Get a Deployment",
    access: [inOrganization, holding("DEPLOYMENT", "deploymentId", ...see)],
    answer: Deployment,
    errors: [400, 401, 403, 404, 500],
    row,
    work: {
      read: "Deployment",
      find: ({ params: { organizationId, deploymentId } }) => ({ where: { id: deploymentId, organizationId } }),
    },
  }),
  defineRoute({
    operationId: "deleteDeployment",
    tag,
    method: "DELETE",
    path: one,
    summary: "Delete a Deployment",
    description:
      "Removes it with everything that belongs to it if `deployments.hardDeleteDeployment` is true or the platform " +
      "version is 2.0.0 or later. Otherwise its record is kept, but nobody sees it, and its namespace is not reused.",
    access: [
      inOrganization,
      holding("DEPLOYMENT", "deploymentId", "deployment.config.delete", "system.deployments.delete"),
    ],
    errors: [400, 401, 403, 404, 500],
    names: { deploymentUuid: "deploymentId" },
    row,
    work: {
      run: (ctx, { params: { deploymentId } }) =>
        deleteDeployment(ctx, { deploymentUuid: deploymentId, deploymentHardDelete: true }),
    },
  }),
];

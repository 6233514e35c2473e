import { createRequestedDeployment } from "../../../services/deployments/requests/createRequestedDeployment.ts";
import { updateRequestedDeployment } from "../../../services/deployments/requests/updateRequestedDeployment.ts";
import { defineRoute, holding, inOrganization } from "../routing/route.ts";
import { createExample, updateExample } from "./requestExamples.ts";
import { CreateDeploymentRequest, UpdateDeploymentRequest } from "./requests.ts";
import { Deployment } from "./schemas.ts";

const tag = "deployment";

/** The fields of this API behind the arguments of the use cases. */
const names = {
  label: "name",
  workspaceUuid: "workspaceId",
  deploymentUuid: "deploymentId",
  runtimeVersion: "astroRuntimeVersion",
  "dagDeployment.type": "isDagDeployEnabled",
  dagDeployment: "isDagDeployEnabled",
};

/** The operations that create and change Deployments. */
export const deploymentWriteRoutes = [
  defineRoute({
    operationId: "createDeployment",
    tag,
    method: "POST",
    path: "/organizations/{organizationId}/deployments",
    summary: "Create a Deployment",
    description:
      "Whoever creates it becomes its Deployment Admin. See `getDeploymentOptions` for the values to choose from.",
    access: [
      inOrganization,
      holding("WORKSPACE", "workspaceId", "workspace.deployments.create", "system.deployments.create"),
    ],
    body: CreateDeploymentRequest,
    example: createExample,
    answer: Deployment,
    errors: [400, 401, 403, 500],
    names,
    work: {
      run: (ctx, { params: { organizationId }, body }) => createRequestedDeployment(ctx, organizationId, body),
      thenRead: "Deployment",
    },
  }),
  defineRoute({
    operationId: "updateDeployment",
    tag,
    method: "POST",
    path: "/organizations/{organizationId}/deployments/{deploymentId}",
    summary: "Update a Deployment",
    description: `Its type, its cluster and its Workspace cannot be changed. Optional fields that are omitted are unchanged;
so are worker queues, unless the executor is KUBERNETES, which has none.`,
    access: [
      inOrganization,
      holding("DEPLOYMENT", "deploymentId", "deployment.config.update", "system.deployments.update"),
    ],
    body: UpdateDeploymentRequest,
    example: updateExample,
    answer: Deployment,
    errors: [400, 401, 403, 404, 500],
    names,
    row: { view: "Deployment", id: "deploymentId" },
    work: {
      run: (ctx, { params: { deploymentId }, body }) => updateRequestedDeployment(ctx, deploymentId, body),
      thenRead: "Deployment",
    },
  }),
];

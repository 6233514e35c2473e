import type { Context } from "../../../access/context.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { effectiveConfig } from "../configuration/effectiveConfig.ts";
import { insertDeployment } from "../lifecycle/insertDeployment.ts";
import { defaultNodePool } from "../workerQueues/nodePools.ts";
import { clusterForRequest } from "./clusterForRequest.ts";
import type { NewDeploymentRequest } from "./deploymentRequest.ts";
import { queuesAfter } from "./queuesAfter.ts";
import { requestedSettings } from "./requestedSettings.ts";

/**
 * Creates a Deployment in a Workspace of the Organization, as createDeployment of GraphQL does and with its errors. Throws
 * BAD_USER_INPUT for values that are not among the options, and for a Workspace or cluster of another Organization.
 */
export async function createRequestedDeployment(
  ctx: Context,
  organizationId: string,
  given: NewDeploymentRequest,
): Promise<{ id: string }> {
  const { workspaceId, name: label, description, contactEmails = [], cloudProvider, region } = given;
  const found = await ctx.db.workspace.findFirst({ where: { id: workspaceId, organizationId }, select: { id: true } });
  if (!found) throw badInput("workspaceId", "must be a Workspace of the Organization");
  const cluster = await clusterForRequest(ctx, organizationId, given);
  const config = await effectiveConfig(ctx, { clusterId: cluster.id, workspaceId });
  const { executor, scheduler, cloudRole, platformApi } = requestedSettings(config, given, cluster.cloudProvider);
  return insertDeployment(
    ctx,
    {
      workspaceUuid: workspaceId,
      clusterId: cluster.id,
      label,
      description,
      runtimeVersion: given.astroRuntimeVersion,
      executor,
      scheduler,
      cloudRole: cloudRole ?? undefined,
      dagDeployment: { type: given.isDagDeployEnabled ? "dag_deploy" : "image" },
      environmentVariables: given.environmentVariables,
      alertEmails: [...new Set(contactEmails)],
      platformApi: { ...platformApi, ...(cloudProvider && { cloudProvider }), ...(region && { region }) },
      workerQueues: queuesAfter(config, given, [], await defaultNodePool(ctx.db, cluster.id)),
    },
    "createDeployment",
  );
}

import type { Context } from "../../../access/context.ts";
import type { Deployment, Prisma } from "../../../generated/prisma/client.ts";
import type { Config } from "../../../platform/config/config.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import type { DagDeployment } from "../dags/dagDeployment.ts";
import { type Changes, changeDeployment } from "../lifecycle/changeDeployment.ts";
import { deploymentLabelConflict, inWorkspaceOf } from "../lifecycle/deploymentInput.ts";
import type { DeploymentConfig } from "../sizing/configAfter.ts";
import { defaultNodePool } from "../workerQueues/nodePools.ts";
import { typeOf } from "./clusterForRequest.ts";
import type { DeploymentRequest } from "./deploymentRequest.ts";
import { queuesAfter } from "./queuesAfter.ts";
import { requestedSettings, type StoredSettings } from "./requestedSettings.ts";

/**
 * Changes a Deployment to what the request says, as updateDeployment of GraphQL does and with its errors; omitted fields are
 * unchanged. Throws BAD_USER_INPUT for values that are not among the options, and for another type or Workspace.
 */
export async function updateRequestedDeployment(
  ctx: Context,
  id: string,
  given: DeploymentRequest,
): Promise<{ id: string }> {
  const changes = (stored: Deployment, config: Config, tx: Prisma.TransactionClient) =>
    changesFor(stored, given, config, tx);
  return changeDeployment(ctx, { id }, changes, "updateDeployment").catch(
    deploymentLabelConflict("label", { label: given.name, ...inWorkspaceOf({ id }) }),
  );
}

async function changesFor(
  stored: Deployment,
  given: DeploymentRequest,
  config: Config,
  tx: Prisma.TransactionClient,
): Promise<Changes> {
  const { id: deploymentId, clusterId, executor, cloudRole } = stored;
  if (given.workspaceId !== stored.workspaceId) {
    throw badInput("workspaceId", "must be the Workspace of the Deployment, which cannot be changed");
  }
  const settings = stored.platformApi as StoredSettings;
  const select = { cloudProvider: true, platformApi: true };
  const cluster = await tx.cluster.findUniqueOrThrow({ where: { id: clusterId }, select });
  assertType(given, settings, cluster);
  const sizing = { ...(stored.config as unknown as DeploymentConfig), executor };
  const requested = requestedSettings(config, given, cluster.cloudProvider, { settings, config: sizing, cloudRole });
  const { type } = stored.dagDeployment as DagDeployment;
  const queues = await tx.workerQueue.findMany({ where: { deploymentId } });
  return {
    ...requested,
    label: given.name,
    description: given.description,
    alertEmails: given.contactEmails && [...new Set(given.contactEmails)],
    environmentVariables: given.environmentVariables,
    dagDeployment: given.isDagDeployEnabled
      ? { type: "dag_deploy" }
      : // DAGs that come from a Git repository or a volume continue to do so.
        { type: type === "dag_deploy" ? "image" : type },
    workerQueues: queuesAfter(config, given, queues, await defaultNodePool(tx, clusterId)),
  };
}

/** A Deployment keeps its type; one that GraphQL created gets one that its cluster allows. */
function assertType(
  { type }: DeploymentRequest,
  settings: StoredSettings,
  cluster: Parameters<typeof typeOf>[0],
): void {
  const allowed = settings.type ? [settings.type] : ["STANDARD", typeOf(cluster)];
  if (allowed.includes(type)) return;
  throw badInput("type", `must be ${allowed.join(" or ")}, the type of the Deployment, which cannot be changed`);
}

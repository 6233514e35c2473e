import type { z } from "zod";
import { authorize } from "../../../access/authorize.ts";
import type { Context } from "../../../access/context.ts";
import type { Permission } from "../../../access/permissions.ts";
import type { Deployment, Prisma } from "../../../generated/prisma/client.ts";
import type { Config } from "../../../platform/config/config.ts";
import { badInput, forbidden } from "../../../platform/errors/appError.ts";
import { changedColumns } from "../changes/changedColumns.ts";
import { isUnmanaged } from "../changes/isUnmanaged.ts";
import { lockDeployment, type WhichDeployment } from "../changes/lockDeployment.ts";
import { recordDeploymentChange } from "../changes/recordDeploymentChange.ts";
import { effectiveConfig } from "../configuration/effectiveConfig.ts";
import { replaceVariables, type VariablesInput } from "../configuration/environmentVariables.ts";
import { type DagDeployment, dagDeploymentAfter, sealDagSecrets } from "../dags/dagDeployment.ts";
import { configAfter, type DeploymentConfig } from "../sizing/configAfter.ts";
import { platformApiAfter } from "../sizing/platformApiAfter.ts";
import { type GivenVersions, versionsAfter } from "../versions/versions.ts";
import { assertPoolsInUse } from "../workerQueues/nodePools.ts";
import { type QueueValues, replaceQueues } from "../workerQueues/replaceQueues.ts";
import { deploysAfter, isDeployed, revisionOf } from "./deploy.ts";
import { assertMode, assertProperties, type imageInputs, type settingInputs } from "./deploymentInput.ts";
import { dockerConfigColumn } from "./dockerConfig.ts";

/** Parsed changes to a Deployment. Undefined values are unchanged. */
export type Changes = Omit<z.output<z.ZodObject<typeof settingInputs>>, "cloudRole"> &
  Partial<z.output<z.ZodObject<typeof imageInputs>>> &
  GivenVersions & {
    label?: string | undefined;
    description?: string | undefined;
    alertEmails?: string[] | undefined;
    version?: string | undefined;
    clusterId?: string | undefined;
    namespace?: string | undefined;
    properties?: Record<string, unknown> | undefined;
    environmentVariables?: z.output<typeof VariablesInput> | undefined;
    deployRevisionDescription?: string | undefined;
    /** null for none. */
    cloudRole?: string | null | undefined;
    /** The column of that name. */
    platformApi?: Prisma.InputJsonObject | undefined;
    /** The complete set. */
    workerQueues?: QueueValues[] | undefined;
  };

/** Changes that depend on the stored Deployment and its effective settings. */
export type ChangesTo = (stored: Deployment, config: Config, tx: Prisma.TransactionClient) => Promise<Changes>;

/**
 * Validates the changes against the stored Deployment, then stores those that differ for the field `action`, in one
 * transaction. Throws FORBIDDEN unless the caller holds one of the permissions `requires` on it, NOT_FOUND if it was
 * deleted in the meantime, BAD_USER_INPUT if ID and release name belong to different Deployments, and the errors of
 * createDeployment.
 */
export async function changeDeployment(
  ctx: Context,
  which: WhichDeployment,
  given: Changes | ChangesTo,
  action: string,
  requires?: readonly Permission[],
): Promise<{ id: string }> {
  return ctx.db.$transaction(async (tx) => {
    const stored = await lockDeployment(tx, which);
    const { id, clusterId, workspaceId } = stored;
    // The guard may have found another Deployment by the same release name, which was then freed and used again.
    if (requires && !isAllowedOn(ctx, stored, requires)) throw forbidden(requires);
    const config = await effectiveConfig(ctx, { clusterId, workspaceId, deploymentId: id }, tx);
    const changes = typeof given === "function" ? await given(stored, config, tx) : given;
    assertMayChange(ctx, stored, changes);
    assertPlace(stored, changes);
    const data = columnsAfter({ ...ctx, config }, stored, changes);
    const { environmentVariables: list } = changes;
    const variables = list === undefined ? undefined : await replaceVariables(ctx, tx, id, list);
    const queues = await queuesWith(config, tx, stored, changes, data);
    const lists = [variables, queues].flatMap((list) => [...(list?.set ?? []), ...(list?.removed ?? [])]);
    const isChanged = Object.keys(data).length > 0 || lists.length > 0;
    const deployment = isChanged
      ? await tx.deployment.update({ where: { id }, data: { ...data, updatedAt: ctx.now() } })
      : stored;
    const { image } = changes;
    const extra = {
      ...(image && { image }),
      ...(variables && { variables: { ...variables } }),
      ...(queues && { workerQueues: { ...queues } }),
    };
    const detail = { changed: Object.keys(data), ...extra };
    await recordDeploymentChange(ctx, tx, deployment, { action, change: "updated", detail });
    return { id };
  });
}

/** Stores the worker queues; without Celery there are none. */
async function queuesWith(
  config: Config,
  tx: Prisma.TransactionClient,
  stored: Deployment,
  { workerQueues, platformApi }: Changes,
  { executor }: Prisma.DeploymentUncheckedUpdateInput,
) {
  const list = workerQueues ?? (stored.executor === "CeleryExecutor" && executor !== undefined ? [] : undefined);
  await assertPoolsInUse(tx, stored, platformApi, list);
  return list && (await replaceQueues(config, tx, stored, list));
}

/** Whether the caller holds one of the permissions on a Deployment. */
export const isAllowedOn = (
  { roles, caller }: Context,
  { id, workspaceId }: Pick<Deployment, "id" | "workspaceId">,
  permissions: readonly Permission[],
): boolean => authorize(roles, caller, permissions, { workspaceId, deploymentId: id });

/** A Deployment stays where it is; clients may repeat the arguments with which they created it. */
function assertPlace(stored: Deployment, changes: Changes): void {
  for (const [argument, what] of [
    ["clusterId", "cluster"],
    ["namespace", "namespace"],
  ] as const) {
    const given = changes[argument];
    if (given !== undefined && given !== stored[argument]) {
      throw badInput(argument, `must be the ${what} of the Deployment, which cannot be changed`);
    }
  }
}

/** Images and variables need their own permissions, whichever field changes them. */
function assertMayChange(ctx: Context, stored: Deployment, changes: Changes): void {
  const assertMay = (...permissions: Permission[]) => {
    if (!isAllowedOn(ctx, stored, permissions)) throw forbidden(permissions);
  };
  const deploys = changes.image !== undefined || changes.dockerconfigjson !== undefined;
  if (deploys) assertMay("deployment.images.push", "system.deployments.images.push");
  const variables = changes.environmentVariables !== undefined;
  if (variables) assertMay("deployment.variables.update", "system.deployment.variables.update");
}

/** The columns to write: only those that change. */
function columnsAfter(ctx: Context, stored: Deployment, changes: Changes): Prisma.DeploymentUncheckedUpdateInput {
  const { label, description, alertEmails, version, image, mode, cloudRole, properties } = changes;
  const unmanaged = isUnmanaged({ adoptedAt: stored.adoptedAt, mode: mode ?? stored.mode });
  const versions = versionsAfter(ctx, changes, stored, { image: image !== undefined, unmanaged });
  const airflowVersion = versions.airflowVersion ?? stored.airflowVersion;
  assertProperties(ctx.config, properties);
  assertMode(ctx.config, mode);
  const settings = settingsAfter(ctx, stored, changes, { airflowVersion, unmanaged });
  const columns = {
    ...versions,
    ...settings,
    platformApi: changes.platformApi ?? platformApiAfter(stored, settings),
    label,
    description,
    alertEmails,
    version,
    ...(image === undefined ? {} : deployOf(ctx, stored, image, changes.deployRevisionDescription)),
    mode,
    cloudRole,
    properties: properties && ({ ...(stored.properties as object), ...properties } as Prisma.InputJsonObject),
    ...dockerConfigColumn(ctx.secrets, stored.releaseName, changes.dockerconfigjson),
  };
  return changedColumns(stored, columns);
}

/**
 * The columns of a deploy, and the row that records it. For the image that is already deployed, at most its digest, if only
 * that is new.
 */
const deployOf = ({ config }: Context, { image: current, deployCount }: Deployment, image: string, description = "") =>
  isDeployed(current, image)
    ? image.includes("@") && { image }
    : {
        image,
        deployCount: deploysAfter(config.deployments, deployCount, image),
        revisions: { create: revisionOf(image, description) },
      };

/** Executor, config and dagDeployment, which depend on the stored values. */
function settingsAfter(
  ctx: Context,
  stored: Deployment,
  changes: Changes,
  { airflowVersion, unmanaged }: { airflowVersion: string | null; unmanaged: boolean },
) {
  const config = configAfter(
    ctx.config,
    { ...changes, components: changes },
    { ...(stored.config as unknown as DeploymentConfig), executor: stored.executor },
    airflowVersion,
  );
  const { dagDeployment: given } = changes;
  const dag = given && dagDeploymentAfter(ctx.config, given, stored.dagDeployment as DagDeployment, { unmanaged });
  return {
    executor: config.executor,
    config: config as unknown as Prisma.InputJsonObject,
    dagDeployment: dag && (sealDagSecrets(ctx.secrets, stored.releaseName, dag) as Prisma.InputJsonObject),
  };
}

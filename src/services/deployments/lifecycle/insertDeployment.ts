import type { z } from "zod";
import type { Context } from "../../../access/context.ts";
import type { Prisma } from "../../../generated/prisma/client.ts";
import { actorOf } from "../../../platform/audit/recordAudit.ts";
import { assertNotSuspended } from "../../billing/assertNotSuspended.ts";
import { clusterForNew } from "../../clusters/cluster.ts";
import { recordDeploymentChange } from "../changes/recordDeploymentChange.ts";
import { effectiveConfig } from "../configuration/effectiveConfig.ts";
import { replaceVariables, type VariablesInput } from "../configuration/environmentVariables.ts";
import { dagDeploymentAfter, sealDagSecrets } from "../dags/dagDeployment.ts";
import { configAfter } from "../sizing/configAfter.ts";
import { versionsOfNew } from "../versions/versions.ts";
import { assertPoolsInUse } from "../workerQueues/nodePools.ts";
import { type QueueValues, replaceQueues } from "../workerQueues/replaceQueues.ts";
import { deploysAfter, revisionOf } from "./deploy.ts";
import {
  assertMode,
  assertProperties,
  deploymentLabelConflict,
  type imageInputs,
  type newInputs,
} from "./deploymentInput.ts";
import { dockerConfigColumn } from "./dockerConfig.ts";
import { assertNamespaceFree, chosenNamespace, defaultNamespace } from "./namespace.ts";
import { assertReleaseName, reserveReleaseName } from "./releaseName.ts";

/** The parsed arguments for a new Deployment. */
type New = z.output<z.ZodObject<typeof newInputs>> &
  Partial<z.output<z.ZodObject<typeof imageInputs>>> & {
    environmentVariables?: z.output<typeof VariablesInput> | undefined;
    clusterId?: string | undefined;
    alertEmails?: string[] | undefined;
    /** The column of that name. */
    platformApi?: Prisma.InputJsonObject | undefined;
    workerQueues?: QueueValues[] | undefined;
  };

/**
 * Validates everything, then inserts a new Deployment for the field `action` in one transaction. See createDeployment.
 */
export async function insertDeployment(ctx: Context, given: New, action: string): Promise<{ id: string }> {
  const { workspaceUuid: workspaceId, label, description = "", cloudRole = null, image = null, mode = "helm" } = given;
  const { id: clusterId } = await clusterForNew(ctx, given.clusterId, workspaceId);
  const config = await effectiveConfig(ctx, { clusterId, workspaceId });
  if (given.releaseName !== undefined) assertReleaseName(config, given.releaseName);
  const requestedNamespace = chosenNamespace(config, given.namespace);
  const versions = versionsOfNew({ ...ctx, config }, given);
  const sizing = configAfter(config, { ...given, components: given }, undefined, versions.airflowVersion);
  const { executor } = sizing;
  const dag = dagDeploymentAfter(config, given.dagDeployment, { type: "image" }, { unmanaged: false });
  assertProperties(config, given.properties);
  assertMode(config, mode);
  const defaultExtraAu = config.deployments.executors.find(({ name }) => name === executor)?.defaultExtraAu ?? 0;

  return ctx.db
    .$transaction(async (tx) => {
      await assertNotSuspended(tx, workspaceId);
      const releaseName = await reserveReleaseName(config, tx, given.releaseName);
      const namespace = requestedNamespace ?? defaultNamespace(config, releaseName);
      if (requestedNamespace !== undefined) await assertNamespaceFree(tx, { clusterId, namespace });
      const deployment = await tx.deployment.create({
        data: {
          workspaceId,
          clusterId,
          label,
          description,
          releaseName,
          namespace,
          version: given.version ?? config.deployments.chart.version,
          ...versions,
          executor,
          mode,
          config: sizing as unknown as Prisma.InputJsonObject,
          properties: { extra_au: defaultExtraAu, ...given.properties } as Prisma.InputJsonObject,
          dagDeployment: sealDagSecrets(ctx.secrets, releaseName, dag) as Prisma.InputJsonObject,
          ...(image === null ? {} : firstDeploy(config, image)),
          ...dockerConfigColumn(ctx.secrets, releaseName, given.dockerconfigjson),
          cloudRole,
          alertEmails: given.alertEmails ?? [],
          platformApi: given.platformApi ?? (await usualSettings(tx, workspaceId)),
          roleBindings: creatorBinding(ctx),
          createdBy: actorOf(ctx),
          updatedBy: actorOf(ctx),
        },
      });
      const variables = given.environmentVariables ?? [];
      if (variables.length > 0) await replaceVariables(ctx, tx, deployment.id, variables);
      await assertPoolsInUse(tx, deployment, given.platformApi, given.workerQueues);
      if (given.workerQueues) await replaceQueues(config, tx, deployment, given.workerQueues);
      const detail = { label, releaseName, executor, ...versions, variables: variables.map(({ key }) => key) };
      await recordDeploymentChange(ctx, tx, deployment, { action, change: "created", detail });
      return { id: deployment.id };
    })
    .catch(deploymentLabelConflict("label", { label, workspaceId }));
}

const firstDeploy = ({ deployments }: Context["config"], image: string) => ({
  image,
  deployCount: deploysAfter(deployments, 0, image),
  revisions: { create: revisionOf(image) },
});

/** What the Platform API shows of a Deployment that was created without it. */
export async function usualSettings(tx: Prisma.TransactionClient, id: string): Promise<Prisma.InputJsonObject> {
  const workspace = await tx.workspace.findUnique({ where: { id }, select: { cicdEnforcedDefault: true } });
  return { isCicdEnforced: workspace?.cicdEnforcedDefault ?? false };
}

/** Creators may change and delete what they created. A guard admits no anonymous callers. */
export const creatorBinding = ({ caller: { kind, id } }: Context) => ({
  create: { role: "DEPLOYMENT_ADMIN" as const, ...(kind === "user" ? { userId: id } : { serviceAccountId: id }) },
});

import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { actorOf } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { assertNotSuspended } from "../billing/assertNotSuspended.ts";
import { recordDeploymentChange } from "../deployments/changes/recordDeploymentChange.ts";
import { deploymentLabelConflict } from "../deployments/lifecycle/deploymentInput.ts";
import { creatorBinding, usualSettings } from "../deployments/lifecycle/insertDeployment.ts";
import { reserveReleaseName } from "../deployments/lifecycle/releaseName.ts";
import { desired } from "../deployments/versions/versions.ts";
import type { FoundAirflow } from "./found/foundAirflow.ts";
import { airflowVersionOf, shownExecutor } from "./found/incompatibilities.ts";

/** What a Deployment gets that the Airflow does not say. */
interface Given {
  workspaceId: string;
  clusterId: string;
  label: string;
  description: string;
  adoption: { crName: string; crNamespace: string } & Prisma.InputJsonObject;
}

/**
 * Stores an Airflow as a Deployment. Throws CONFLICT for a label or release name that is in use, and for a namespace that
 * Houston removes together with another Deployment.
 */
export async function insertAdopted(ctx: Context, airflow: FoundAirflow, given: Given): Promise<{ id: string }> {
  const { workspaceId, clusterId, label, description, adoption } = given;
  const { namespace, releaseName } = airflow;
  const executor = shownExecutor(airflow.executor);
  const runs = {
    airflowVersion: airflowVersionOf(ctx.config, airflow),
    runtimeVersion: airflow.runtimeVersion ?? null,
  };
  const author = actorOf(ctx);
  return ctx.db
    .$transaction(async (tx) => {
      await assertNotSuspended(tx, workspaceId);
      await assertStays(tx, { clusterId, namespace });
      await reserveReleaseName(ctx.config, tx, releaseName, "crName");
      const deployment = await tx.deployment.create({
        data: {
          ...{ workspaceId, clusterId, label, description, releaseName, namespace, executor, adoption },
          version: airflow.chartVersion,
          ...runs,
          ...desired(runs),
          config: { executor },
          dagDeployment: { type: "image" },
          adoptedAt: ctx.now(),
          platformApi: await usualSettings(tx, workspaceId),
          roleBindings: creatorBinding(ctx),
          createdBy: author,
          updatedBy: author,
        },
      });
      const detail = { label, releaseName, executor, ...runs, adoption };
      await recordDeploymentChange(ctx, tx, deployment, { action: "adoptDeployment", change: "adopted", detail });
      return { id: deployment.id };
    })
    .catch(deploymentLabelConflict("label", { label, workspaceId }));
}

/** What is in a namespace that Houston created goes away with its Deployment. */
async function assertStays(tx: Prisma.TransactionClient, where: { clusterId: string; namespace: string }) {
  const owner = await tx.provision.findFirst({ where: { ...where, ownsNamespace: true }, select: { id: true } });
  if (!owner) return;
  const message = "crNamespace: Houston created this namespace for another Deployment, and removes it with that";
  throw new AppError("CONFLICT", message, "crNamespace");
}

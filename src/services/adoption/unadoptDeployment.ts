import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { lockDeployment } from "../deployments/changes/lockDeployment.ts";
import { recordDeploymentChange } from "../deployments/changes/recordDeploymentChange.ts";

const Input = z.object({ deploymentUuid: IdOf });

/**
 * Releases an adopted Airflow: deletes the Deployment with its role bindings and service accounts, but leaves the Airflow
 * on the cluster unchanged. Throws CONFLICT for a Deployment that was not adopted or is cordoned.
 */
export async function unadoptDeployment(ctx: Context, input: unknown): Promise<void> {
  const { deploymentUuid: id } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    const deployment = await lockDeployment(tx, { id });
    assertAdopted(deployment, "deploymentUuid");
    const { label, releaseName, adoption } = deployment;
    await tx.roleBinding.deleteMany({ where: { deploymentId: id } });
    await tx.serviceAccount.deleteMany({ where: { deploymentId: id } });
    await tx.deployment.update({ where: { id }, data: { deletedAt: ctx.now() } });
    await recordDeploymentChange(ctx, tx, deployment, {
      action: "unadoptDeployment",
      change: "unadopted",
      detail: { label, releaseName, adoption },
    });
  });
}

/** Throws CONFLICT, naming the argument, unless the Deployment was adopted. */
export function assertAdopted<T extends { adoptedAt: Date | null }>(
  deployment: T | null,
  argument: string,
): asserts deployment is T {
  if (deployment?.adoptedAt) return;
  throw new AppError("CONFLICT", `${argument}: this Deployment was not adopted`, argument);
}

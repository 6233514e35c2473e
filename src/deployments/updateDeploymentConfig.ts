import { z } from "zod";
import type { Context } from "../context.ts";
import { parse } from "../errors.ts";
import { IdOf } from "../input.ts";
import { lockDeployment } from "./lockDeployment.ts";
import { OverrideInput, Reason } from "./overrideInput.ts";
import { type ConfigOverride, deleteOverride, storeOverride } from "./storeOverride.ts";

const Deleted = z.object({ deploymentUuid: IdOf, reason: Reason });
const Input = Deleted.extend({ deploymentsConfigOverride: OverrideInput });

/** Stores the `deployments.*` settings that differ for one Deployment. Throws as `storeOverride`. */
export async function updateDeploymentConfig(ctx: Context, input: unknown): Promise<ConfigOverride> {
  const { deploymentUuid: id, deploymentsConfigOverride: wanted, reason } = parse(Input, input);
  return ctx.db.$transaction(async (tx) => {
    const { workspaceId } = await lockDeployment(tx, { id });
    const system = "system.deployment.deployments.config.update" as const;
    const change = { action: "updateDeploymentConfig", of: { deploymentId: id }, workspaceId, reason, system };
    return storeOverride(ctx, tx, change, wanted);
  });
}

/** Deletes the override of one Deployment. Throws as `deleteOverride`. */
export async function deleteDeploymentConfig(ctx: Context, input: unknown): Promise<ConfigOverride> {
  const { deploymentUuid: id, reason } = parse(Deleted, input);
  return ctx.db.$transaction(async (tx) => {
    const { workspaceId } = await lockDeployment(tx, { id });
    const system = "system.deployment.deployments.config.delete" as const;
    return deleteOverride(ctx, tx, {
      action: "deleteDeploymentConfig",
      of: { deploymentId: id },
      workspaceId,
      reason,
      system,
    });
  });
}

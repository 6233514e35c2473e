import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { IdOf } from "../../../platform/input/input.ts";
import { lockDeployment } from "../changes/lockDeployment.ts";
import { touchDeployment } from "../changes/touchDeployment.ts";
import { Reason } from "./overrideInput.ts";
import { type ConfigOverride, deleteOverride } from "./storeOverride.ts";

const Input = z.object({ deploymentUuid: IdOf, reason: Reason });

/** Deletes the override of one Deployment. Throws the errors of `deleteOverride`. */
export async function deleteDeploymentConfig(ctx: Context, input: unknown): Promise<ConfigOverride> {
  const { deploymentUuid: id, reason } = parse(Input, input);
  const action = "deleteDeploymentConfig";
  const system = "system.deployment.deployments.config.delete" as const;
  return ctx.db.$transaction(async (tx) => {
    const { workspaceId } = await lockDeployment(tx, { id });
    await touchDeployment(ctx, tx, id);
    return deleteOverride(ctx, tx, { action, of: { deploymentId: id }, workspaceId, reason, system });
  });
}

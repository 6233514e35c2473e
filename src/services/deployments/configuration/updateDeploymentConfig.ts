import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { IdOf } from "../../../platform/input/input.ts";
import { lockDeployment } from "../changes/lockDeployment.ts";
import { OverrideInput, Reason } from "./overrideInput.ts";
import { type ConfigOverride, storeOverride } from "./storeOverride.ts";

const Input = z.object({ deploymentUuid: IdOf, deploymentsConfigOverride: OverrideInput, reason: Reason });

/** Overrides `deployments.*` settings for one Deployment. Throws the errors of `storeOverride`. */
export async function updateDeploymentConfig(ctx: Context, input: unknown): Promise<ConfigOverride> {
  const { deploymentUuid: id, deploymentsConfigOverride: override, reason } = parse(Input, input);
  const action = "updateDeploymentConfig";
  const system = "system.deployment.deployments.config.update" as const;
  return ctx.db.$transaction(async (tx) => {
    const { workspaceId } = await lockDeployment(tx, { id });
    return storeOverride(ctx, tx, { action, of: { deploymentId: id }, workspaceId, reason, system }, override);
  });
}

import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { OverrideInput, Reason } from "../deployments/configuration/overrideInput.ts";
import { type ConfigOverride, storeOverride } from "../deployments/configuration/storeOverride.ts";

const Input = z.object({ workspaceUuid: IdOf, deploymentsConfigOverride: OverrideInput, reason: Reason });

/** Overrides `deployments.*` settings for one Workspace. Throws the errors of `storeOverride`. */
export async function updateWorkspaceDeploymentsConfig(ctx: Context, input: unknown): Promise<ConfigOverride> {
  const { workspaceUuid: workspaceId, deploymentsConfigOverride: override, reason } = parse(Input, input);
  const action = "updateWorkspaceDeploymentsConfig";
  const system = "system.workspace.deployments.config.update" as const;
  return ctx.db.$transaction((tx) =>
    storeOverride(ctx, tx, { action, of: { workspaceId }, workspaceId, reason, system }, override),
  );
}

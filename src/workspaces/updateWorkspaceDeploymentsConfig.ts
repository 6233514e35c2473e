import { z } from "zod";
import type { Context } from "../context.ts";
import { OverrideInput, Reason } from "../deployments/overrideInput.ts";
import { type ConfigOverride, storeOverride } from "../deployments/storeOverride.ts";
import { parse } from "../errors.ts";
import { IdOf } from "../input.ts";

const Input = z.object({ workspaceUuid: IdOf, deploymentsConfigOverride: OverrideInput, reason: Reason });

/** Stores the `deployments.*` settings that differ in one Workspace. Throws as `storeOverride`. */
export async function updateWorkspaceDeploymentsConfig(ctx: Context, input: unknown): Promise<ConfigOverride> {
  const { workspaceUuid: workspaceId, deploymentsConfigOverride: wanted, reason } = parse(Input, input);
  const action = "updateWorkspaceDeploymentsConfig";
  const system = "system.workspace.deployments.config.update" as const;
  return ctx.db.$transaction((tx) =>
    storeOverride(ctx, tx, { action, of: { workspaceId }, workspaceId, reason, system }, wanted),
  );
}

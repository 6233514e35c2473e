import { z } from "zod";
import type { Context } from "../context.ts";
import { Reason } from "../deployments/overrideInput.ts";
import { type ConfigOverride, deleteOverride } from "../deployments/storeOverride.ts";
import { parse } from "../errors.ts";
import { IdOf } from "../input.ts";

const Input = z.object({ workspaceUuid: IdOf, reason: Reason });

/** Deletes the override of one Workspace. Throws as `deleteOverride`. */
export async function deleteWorkspaceDeploymentsConfig(ctx: Context, input: unknown): Promise<ConfigOverride> {
  const { workspaceUuid: workspaceId, reason } = parse(Input, input);
  const action = "deleteWorkspaceDeploymentsConfig";
  const system = "system.workspace.deployments.config.delete" as const;
  return ctx.db.$transaction((tx) =>
    deleteOverride(ctx, tx, { action, of: { workspaceId }, workspaceId, reason, system }),
  );
}

import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { Reason } from "../deployments/configuration/overrideInput.ts";
import { type ConfigOverride, deleteOverride } from "../deployments/configuration/storeOverride.ts";

const Input = z.object({ workspaceUuid: IdOf, reason: Reason });

/** Deletes the override of one Workspace. Throws the errors of `deleteOverride`. */
export async function deleteWorkspaceDeploymentsConfig(ctx: Context, input: unknown): Promise<ConfigOverride> {
  const { workspaceUuid: workspaceId, reason } = parse(Input, input);
  const action = "deleteWorkspaceDeploymentsConfig";
  const system = "system.workspace.deployments.config.delete" as const;
  return ctx.db.$transaction((tx) =>
    deleteOverride(ctx, tx, { action, of: { workspaceId }, workspaceId, reason, system }),
  );
}

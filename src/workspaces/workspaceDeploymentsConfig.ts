import { z } from "zod";
import type { Context } from "../context.ts";
import { OverrideInput, Reason } from "../deployments/overrideInput.ts";
import { type ConfigOverride, deleteOverride, storeOverride } from "../deployments/storeOverride.ts";
import { parse } from "../errors.ts";
import { IdOf } from "../input.ts";

const One = z.object({ workspaceUuid: IdOf });
const Deleted = One.extend({ reason: Reason });
const Input = Deleted.extend({ deploymentsConfigOverride: OverrideInput });

/** The override of a Workspace; null when it has none. */
export async function workspaceDeploymentsConfig(ctx: Context, input: unknown): Promise<ConfigOverride | null> {
  const { workspaceUuid: workspaceId } = parse(One, input);
  const stored = await ctx.db.deploymentsConfigOverride.findUnique({ where: { workspaceId } });
  return stored && { id: stored.id, config: stored.config, deletedAt: null };
}

/** Stores the `deployments.*` settings that differ in one Workspace. Throws as `storeOverride`. */
export async function updateWorkspaceDeploymentsConfig(ctx: Context, input: unknown): Promise<ConfigOverride> {
  const { workspaceUuid: workspaceId, deploymentsConfigOverride: wanted, reason } = parse(Input, input);
  const action = "updateWorkspaceDeploymentsConfig";
  const system = "system.workspace.deployments.config.update" as const;
  return ctx.db.$transaction((tx) =>
    storeOverride(ctx, tx, { action, of: { workspaceId }, workspaceId, reason, system }, wanted),
  );
}

/** Deletes the override of one Workspace. Throws as `deleteOverride`. */
export async function deleteWorkspaceDeploymentsConfig(ctx: Context, input: unknown): Promise<ConfigOverride> {
  const { workspaceUuid: workspaceId, reason } = parse(Deleted, input);
  const action = "deleteWorkspaceDeploymentsConfig";
  const system = "system.workspace.deployments.config.delete" as const;
  return ctx.db.$transaction((tx) =>
    deleteOverride(ctx, tx, { action, of: { workspaceId }, workspaceId, reason, system }),
  );
}

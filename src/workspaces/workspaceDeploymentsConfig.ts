import { z } from "zod";
import type { Context } from "../context.ts";
import type { ConfigOverride } from "../deployments/storeOverride.ts";
import { parse } from "../errors.ts";
import { IdOf } from "../input.ts";

const Input = z.object({ workspaceUuid: IdOf });

/** The override of a Workspace; null when it has none. */
export async function workspaceDeploymentsConfig(ctx: Context, input: unknown): Promise<ConfigOverride | null> {
  const { workspaceUuid: workspaceId } = parse(Input, input);
  const stored = await ctx.db.deploymentsConfigOverride.findUnique({ where: { workspaceId } });
  return stored && { id: stored.id, config: stored.config, deletedAt: null };
}

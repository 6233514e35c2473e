import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { type ConfigOverride, overrideOf } from "../deployments/configuration/storeOverride.ts";

const Input = z.object({ workspaceUuid: IdOf });

/** The override of a Workspace; null if it has none. */
export async function workspaceDeploymentsConfig(ctx: Context, input: unknown): Promise<ConfigOverride | null> {
  const { workspaceUuid: workspaceId } = parse(Input, input);
  const stored = await ctx.db.deploymentsConfigOverride.findUnique({ where: { workspaceId } });
  return stored && overrideOf(stored);
}

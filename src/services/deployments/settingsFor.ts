import { z } from "zod";
import { authorize } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";
import type { Config } from "../../platform/config/config.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { clusterOf } from "../clusters/cluster.ts";
import { effectiveDeployments } from "./configuration/effectiveConfig.ts";

const id = optional(z.string("must be an ID"));
const Input = z.object({ workspaceUuid: id, deploymentUuid: id });

/**
 * The effective `deployments.*` settings of the given Deployment, otherwise of a new one in the given Workspace on the
 * default cluster. IDs that are unknown or not visible to the caller are ignored, because clients send any ID.
 */
export async function settingsFor(ctx: Context, input: unknown): Promise<Config["deployments"]> {
  const { workspaceUuid, deploymentUuid } = parse(Input, input);
  if (deploymentUuid !== undefined) {
    const found = await ctx.db.deployment.findFirst({
      where: { id: deploymentUuid, deletedAt: null },
      select: { clusterId: true, workspaceId: true },
    });
    const permissions = ["deployment.config.get", "system.deployments.get"] as const;
    if (found && authorize(ctx.roles, ctx.caller, permissions, { ...found, deploymentId: deploymentUuid })) {
      return effectiveDeployments(ctx, { ...found, deploymentId: deploymentUuid });
    }
  }
  const permissions = ["workspace.deployments.config.get", "system.workspace.deployments.config.get"] as const;
  const workspaceId =
    workspaceUuid !== undefined && authorize(ctx.roles, ctx.caller, permissions, { workspaceId: workspaceUuid })
      ? workspaceUuid
      : undefined;
  const cluster = await clusterOf(ctx, undefined);
  return effectiveDeployments(ctx, { clusterId: cluster?.id, workspaceId });
}

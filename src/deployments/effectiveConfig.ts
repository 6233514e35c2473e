import type { Config } from "../config.ts";
import type { Context } from "../context.ts";
import type { Prisma } from "../generated/prisma/client.ts";
import { layOver, type Override } from "./configLayers.ts";

/** Where settings are to hold. What is not given has no say. */
export interface ConfigScope {
  clusterId?: string | undefined;
  workspaceId?: string | undefined;
  deploymentId?: string | undefined;
}

/**
 * The `deployments.*` settings in force: the platform's, over them the cluster's override, the Workspace's, the
 * Deployment's. Reads the three in one statement. A stored value that is not allowed any more does not count.
 */
export async function effectiveDeployments(
  { config, db }: Pick<Context, "config" | "db">,
  { clusterId = "", workspaceId = "", deploymentId = "" }: ConfigScope,
  tx: Pick<Prisma.TransactionClient, "$queryRaw"> = db,
): Promise<Config["deployments"]> {
  const layers = await tx.$queryRaw<{ config: Override }[]>`
    SELECT 1 AS layer, config FROM "Cluster" WHERE id = ${clusterId}
    UNION ALL SELECT 2, config FROM "DeploymentsConfigOverride" WHERE "workspaceId" = ${workspaceId}
    UNION ALL SELECT 3, config FROM "DeploymentsConfigOverride" WHERE "deploymentId" = ${deploymentId}
    ORDER BY layer`;
  return layers
    .filter(({ config: override }) => Object.keys(override).length > 0)
    .reduce((below, { config: override }) => layOver(below, override).deployments, config.deployments);
}

/** The whole configuration with the `deployments.*` settings in force there. */
export async function effectiveConfig(
  ctx: Pick<Context, "config" | "db">,
  scope: ConfigScope,
  tx?: Pick<Prisma.TransactionClient, "$queryRaw">,
): Promise<Config> {
  return { ...ctx.config, deployments: await effectiveDeployments(ctx, scope, tx) };
}

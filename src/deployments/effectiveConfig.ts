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
  const overrides = layers.map(({ config: override }) => override).filter((one) => Object.keys(one).length > 0);
  return overrides.length === 0 ? config.deployments : settled(config.deployments, overrides);
}

/** Most combinations of overrides that are remembered. */
const MAX_REMEMBERED = 500;

const remembered = new WeakMap<Config["deployments"], Map<string, Config["deployments"]>>();

/** All layers in one. Most changes meet the same few combinations, and what is read from files hangs on the result. */
function settled(platform: Config["deployments"], overrides: readonly Override[]): Config["deployments"] {
  const known = remembered.get(platform) ?? new Map<string, Config["deployments"]>();
  remembered.set(platform, known);
  const key = JSON.stringify(overrides);
  let settings = known.get(key);
  if (!settings) {
    settings = overrides.reduce<Config["deployments"]>(
      (below, override) => layOver(below, override).deployments,
      platform,
    );
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(key, settings);
  }
  return settings;
}

/** The whole configuration with the `deployments.*` settings in force there. */
export async function effectiveConfig(
  ctx: Pick<Context, "config" | "db">,
  scope: ConfigScope,
  tx?: Pick<Prisma.TransactionClient, "$queryRaw">,
): Promise<Config> {
  return { ...ctx.config, deployments: await effectiveDeployments(ctx, scope, tx) };
}

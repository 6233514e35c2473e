import { LRUCache } from "lru-cache";
import type { Context } from "../../../access/context.ts";
import type { Prisma } from "../../../generated/prisma/client.ts";
import type { Config } from "../../../platform/config/config.ts";
import { layOver, type Override } from "./configLayers.ts";

/** The scope that settings apply to. Layers without an ID are skipped. */
export interface ConfigScope {
  clusterId?: string | undefined;
  workspaceId?: string | undefined;
  deploymentId?: string | undefined;
}

/** SQL for the overrides of a cluster, a Workspace and a Deployment, lowest first, as JSON; each ID is an expression. */
const overridesOf = (cluster: string, workspace: string, deployment: string) => `(
  SELECT coalesce(json_agg(l.config ORDER BY l.layer), '[]') FROM (
    SELECT 1 AS layer, config FROM "Cluster" WHERE id = ${cluster}
    UNION ALL SELECT 2, config FROM "DeploymentsConfigOverride" WHERE "workspaceId" = ${workspace}
    UNION ALL SELECT 3, config FROM "DeploymentsConfigOverride" WHERE "deploymentId" = ${deployment}
  ) l WHERE l.config <> '{}')`;

/** The same for a Deployment's row in a read: see `settingsWith`. */
export const overrides = overridesOf(`$row."clusterId"`, `$row."workspaceId"`, "$row.id");

/**
 * The effective `deployments.*` settings: the platform's, overridden by the cluster's, the Workspace's and the
 * Deployment's. Reads the three overrides in one statement. Ignores stored values that are no longer allowed.
 */
export async function effectiveDeployments(
  { config, db }: Pick<Context, "config" | "db">,
  { clusterId = "", workspaceId = "", deploymentId = "" }: ConfigScope,
  tx: Pick<Prisma.TransactionClient, "$queryRawUnsafe"> = db,
): Promise<Config["deployments"]> {
  const [row] = await tx.$queryRawUnsafe<{ overrides: Override[] }[]>(
    SELECT_OVERRIDES,
    clusterId,
    workspaceId,
    deploymentId,
  );
  return settingsWith(config.deployments, row?.overrides ?? []);
}

const SELECT_OVERRIDES = `SELECT ${overridesOf("$1", "$2", "$3")} AS overrides`;

/** Number of cached combinations of overrides. */
const MAX_CACHED = 500;

const cache = new WeakMap<Config["deployments"], LRUCache<string, Config["deployments"]>>();

/** The platform's settings with the overrides applied. Cached, because most Deployments share a few combinations. */
export function settingsWith(platform: Config["deployments"], overrides: readonly Override[]): Config["deployments"] {
  if (overrides.length === 0) return platform;
  const byOverrides = cache.get(platform) ?? new LRUCache<string, Config["deployments"]>({ max: MAX_CACHED });
  cache.set(platform, byOverrides);
  const key = JSON.stringify(overrides);
  let settings = byOverrides.get(key);
  if (!settings) {
    settings = overrides.reduce<Config["deployments"]>(
      (below, override) => layOver(below, override).deployments,
      platform,
    );
    byOverrides.set(key, settings);
  }
  return settings;
}

/** The whole configuration with the effective `deployments.*` settings of the scope. */
export async function effectiveConfig(
  ctx: Pick<Context, "config" | "db">,
  scope: ConfigScope,
  tx?: Pick<Prisma.TransactionClient, "$queryRawUnsafe">,
): Promise<Config> {
  return { ...ctx.config, deployments: await effectiveDeployments(ctx, scope, tx) };
}

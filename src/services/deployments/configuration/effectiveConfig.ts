import { LRUCache } from "lru-cache";
import type { Context } from "../../../access/context.ts";
import type { Prisma } from "../../../generated/prisma/client.ts";
import type { Config } from "../../../platform/config/config.ts";
import { layOver, type Override } from "./configLayers.ts";

/** Where settings are to hold. What is not given has no say. */
export interface ConfigScope {
  clusterId?: string | undefined;
  workspaceId?: string | undefined;
  deploymentId?: string | undefined;
}

/** SQL for the overrides of a cluster, a Workspace and a Deployment, lowest first, as JSON; each id is an expression. */
const overridesOf = (cluster: string, workspace: string, deployment: string) => `(
  SELECT coalesce(json_agg(l.config ORDER BY l.layer), '[]') FROM (
    SELECT 1 AS layer, config FROM "Cluster" WHERE id = ${cluster}
    UNION ALL SELECT 2, config FROM "DeploymentsConfigOverride" WHERE "workspaceId" = ${workspace}
    UNION ALL SELECT 3, config FROM "DeploymentsConfigOverride" WHERE "deploymentId" = ${deployment}
  ) l WHERE l.config <> '{}')`;

/** The same for a Deployment's row, as a read fetches it: see `settingsUnder`. */
export const overrides = overridesOf(`$row."clusterId"`, `$row."workspaceId"`, "$row.id");

/**
 * The `deployments.*` settings in force: the platform's, over them the cluster's override, the Workspace's, the
 * Deployment's. Reads the three in one statement. A stored value that is not allowed any more does not count.
 */
export async function effectiveDeployments(
  { config, db }: Pick<Context, "config" | "db">,
  { clusterId = "", workspaceId = "", deploymentId = "" }: ConfigScope,
  tx: Pick<Prisma.TransactionClient, "$queryRawUnsafe"> = db,
): Promise<Config["deployments"]> {
  const [row] = await tx.$queryRawUnsafe<{ overrides: Override[] }[]>(ASK, clusterId, workspaceId, deploymentId);
  return settingsUnder(config.deployments, row?.overrides ?? []);
}

const ASK = `SELECT ${overridesOf("$1", "$2", "$3")} AS overrides`;

/** Most combinations of overrides that are remembered. */
const MAX_REMEMBERED = 500;

const remembered = new WeakMap<Config["deployments"], LRUCache<string, Config["deployments"]>>();

/** All layers in one. Most Deployments meet the same few combinations, and what is read from files hangs on the result. */
export function settingsUnder(platform: Config["deployments"], overrides: readonly Override[]): Config["deployments"] {
  if (overrides.length === 0) return platform;
  const known = remembered.get(platform) ?? new LRUCache<string, Config["deployments"]>({ max: MAX_REMEMBERED });
  remembered.set(platform, known);
  const key = JSON.stringify(overrides);
  let settings = known.get(key);
  if (!settings) {
    settings = overrides.reduce<Config["deployments"]>(
      (below, override) => layOver(below, override).deployments,
      platform,
    );
    known.set(key, settings);
  }
  return settings;
}

/** The whole configuration with the `deployments.*` settings in force there. */
export async function effectiveConfig(
  ctx: Pick<Context, "config" | "db">,
  scope: ConfigScope,
  tx?: Pick<Prisma.TransactionClient, "$queryRawUnsafe">,
): Promise<Config> {
  return { ...ctx.config, deployments: await effectiveDeployments(ctx, scope, tx) };
}

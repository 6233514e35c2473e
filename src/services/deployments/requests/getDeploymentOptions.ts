import type { Context } from "../../../access/context.ts";
import { forbidden } from "../../../platform/errors/appError.ts";
import { compareRuntimeVersions } from "../../releases/compareVersions.ts";
import { isDeprecated, mayUseDeprecated } from "../../releases/deprecated.ts";
import { runtimeReleases } from "../../releases/runtimeReleases.ts";
import { effectiveConfig } from "../configuration/effectiveConfig.ts";
import { isAllowedOn } from "../lifecycle/changeDeployment.ts";
import { deploymentOptions, type OptionsFilter } from "./deploymentOptions.ts";

/** Those of the API of one Deployment, for whoever may see it. */
const MAY_SEE = ["deployment.config.get", "workspace.deployments.get", "system.deployments.get"] as const;

/**
 * The values that Deployments of the Organization may have, narrowed by the filter; with `deploymentId`, those that this
 * Deployment may have. Throws FORBIDDEN for one that does not exist in the Organization or that the caller cannot see.
 */
export async function getDeploymentOptions(
  ctx: Context,
  organizationId: string,
  { deploymentId, ...filter }: OptionsFilter & { deploymentId?: string | undefined },
) {
  const deployment =
    deploymentId === undefined ? undefined : await visibleDeployment(ctx, organizationId, deploymentId);
  const clusterId = deployment?.clusterId ?? (await defaultCluster(ctx));
  const config = await effectiveConfig(ctx, { clusterId, workspaceId: deployment?.workspaceId, deploymentId });
  const runs = deployment?.runtimeVersion ?? undefined;
  const mayDeprecated = mayUseDeprecated({ ...ctx, config });
  const releases = runtimeReleases({ ...ctx, config }, {})
    .filter((release) => mayDeprecated || !isDeprecated(release))
    .filter(({ version }) => runs === undefined || compareRuntimeVersions(version, runs) >= 0)
    .map(({ version, airflowVersion, channel, releaseDate, airflowDatabaseMigrations, stellarDatabaseMigrations }) => ({
      ...{ version, airflowVersion: airflowVersion ?? "", channel, releaseDate },
      airflowDatabaseMigration: airflowDatabaseMigrations,
      stellarDatabaseMigration: stellarDatabaseMigrations,
    }));
  return { ...deploymentOptions(config, filter), runtimeReleases: releases };
}

async function visibleDeployment(ctx: Context, organizationId: string, id: string) {
  const found = await ctx.db.deployment.findFirst({
    where: { id, organizationId, deletedAt: null },
    select: { id: true, workspaceId: true, clusterId: true, runtimeVersion: true },
  });
  if (!found || !isAllowedOn(ctx, found, MAY_SEE)) throw forbidden();
  return found;
}

async function defaultCluster({ db }: Context): Promise<string | undefined> {
  const found = await db.cluster.findFirst({ where: { isDefault: true }, select: { id: true } });
  return found?.id;
}

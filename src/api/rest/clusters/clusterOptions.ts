import type { z } from "zod";
import type { ClusterOptions as Setting } from "../../../platform/config/clusterOptions.ts";
import type { Config } from "../../../platform/config/config.ts";
import type { ClusterOptions } from "./schemas.ts";

/** The options for new clusters of the provider, or of all providers on offer: those that createCluster checks. */
export const clusterOptions = (
  { platformApi }: Config,
  provider: string | undefined,
): z.output<typeof ClusterOptions>[] =>
  platformApi.clusterOptions
    .filter((options) => provider === undefined || options.provider === provider)
    .map(withDefaults);

function withDefaults(options: Setting): z.output<typeof ClusterOptions> {
  const { regions, nodeInstances, databaseInstances } = options;
  return {
    ...options,
    defaultRegion: named(regions, options.defaultRegion),
    defaultNodeInstance: named(nodeInstances, options.defaultNodeInstance),
    defaultDatabaseInstance: named(databaseInstances, options.defaultDatabaseInstance),
  };
}

/** The setting is checked at startup, so the default is in the list. */
const named = <T extends { name: string }>(list: readonly T[], name: string): T =>
  list.find((one) => one.name === name) as T;

import type { ClusterOptions } from "../../platform/config/clusterOptions.ts";
import type { Config } from "../../platform/config/config.ts";
import { badInput } from "../../platform/errors/appError.ts";
import type { StoredFields } from "./clusterFields.ts";

/** The options of a provider; undefined if the platform does not offer it. */
export const optionsOf = ({ platformApi }: Config, provider: string): ClusterOptions | undefined =>
  platformApi.clusterOptions.find((options) => options.provider === provider);

/** The same. Throws BAD_USER_INPUT that names the providers on offer. */
export function assertProvider(config: Config, provider: string): ClusterOptions {
  const options = optionsOf(config, provider);
  const offered = config.platformApi.clusterOptions.map((one) => one.provider);
  if (!options) throw notAmong("cloudProvider", offered);
  return options;
}

type Fields = Pick<StoredFields, "region" | "drRegion" | "dbInstanceType">;

/**
 * Throws BAD_USER_INPUT, naming those allowed, for regions and a database type that are not among the options. What is
 * stored already is allowed, because options change.
 */
export function assertFields(options: ClusterOptions | undefined, given: Fields, stored: Fields = {}): void {
  const regions = options?.regions.map(({ name }) => name) ?? [];
  assertAmong("region", given.region, regions, stored.region);
  assertAmong("drRegion", given.drRegion, regions, stored.drRegion);
  const region = given.region ?? stored.region;
  if (given.drRegion !== undefined && given.drRegion === region)
    throw badInput("drRegion", "must be another region than the cluster's own");
  const allowed = allowedIn(options, region, options?.databaseInstances ?? []);
  assertAmong("dbInstanceType", given.dbInstanceType, allowed, stored.dbInstanceType);
}

interface Sizes {
  nodeInstanceType: string;
  maxNodeCount: number;
}

/** The same for a node pool in a region. `argument` identifies the pool, such as "nodePools.0". */
export function assertSizes(
  options: ClusterOptions | undefined,
  region: string | undefined,
  { argument, given, stored }: { argument: string; given: Sizes; stored?: Sizes | undefined },
): void {
  const allowed = allowedIn(options, region, options?.nodeInstances ?? []);
  assertAmong(`${argument}.nodeInstanceType`, given.nodeInstanceType, allowed, stored?.nodeInstanceType);
  const { nodeCountMin: min = 0, nodeCountMax: max = 0 } = options ?? {};
  if (given.maxNodeCount === stored?.maxNodeCount) return;
  if (given.maxNodeCount < min || given.maxNodeCount > max)
    throw badInput(`${argument}.maxNodeCount`, `must be a whole number from ${min} to ${max}`);
}

/** The names of instance types that are not banned in the region, by default the default region. */
function allowedIn(
  options: ClusterOptions | undefined,
  region: string | undefined,
  instances: readonly { name: string }[],
): string[] {
  const found = options?.regions.find(({ name }) => name === (region ?? options.defaultRegion));
  const banned = new Set(found?.bannedInstances);
  return instances.map(({ name }) => name).filter((name) => !banned.has(name));
}

function assertAmong(argument: string, given: string | undefined, allowed: readonly string[], stored?: string): void {
  if (given !== undefined && given !== stored && !allowed.includes(given)) throw notAmong(argument, allowed);
}

const notAmong = (argument: string, allowed: readonly string[]) =>
  badInput(
    argument,
    allowed.length === 0 ? "cannot be chosen: the platform offers none" : `must be one of ${allowed.join(", ")}`,
  );

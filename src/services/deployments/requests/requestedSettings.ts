import type { Prisma } from "../../../generated/prisma/client.ts";
import type { Config } from "../../../platform/config/config.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import type { DeploymentConfig } from "../sizing/configAfter.ts";
import { executorsFor, podOf, schedulerLimits, schedulerMachines, workloadIdentities } from "./deploymentOptions.ts";
import { type DeploymentRequest, executorTypes, type ScalingSpecRequest } from "./deploymentRequest.ts";
import { quotasAfter } from "./quotas.ts";

/** The column `platformApi` of a Deployment: what GraphQL does not have, under the names of this API. */
export type StoredSettings = Partial<
  Omit<DeploymentRequest, "executor" | "name" | "workspaceId" | "workerQueues" | "environmentVariables">
> & { executor?: "ASTRO"; cloudProvider?: string; region?: string };

/** What a request is compared with: a stored value is accepted again, even if the platform no longer offers it. */
export interface StoredDeployment {
  settings: StoredSettings;
  config: DeploymentConfig;
  cloudRole: string | null;
}

/**
 * The settings that a request gives, as the use cases of GraphQL take them, with `platformApi` for the rest. Throws
 * BAD_USER_INPUT for values that are not among the options of the platform.
 */
export function requestedSettings(
  config: Config,
  given: DeploymentRequest,
  cloudProvider: string,
  stored?: StoredDeployment,
) {
  return {
    executor: executorOf(config, given, stored),
    scheduler: schedulerOf(config, given, stored),
    cloudRole: cloudRoleOf(config, given, cloudProvider, stored),
    platformApi: platformApiOf(config, given, stored?.settings),
  };
}

function executorOf(config: Config, { executor, type }: DeploymentRequest, stored: StoredDeployment | undefined) {
  const requested = executorTypes[executor];
  // Omitted, because GraphQL rejects an executor that was disabled since.
  if (stored?.config.executor === requested) return undefined;
  const enabled = executorsFor(config, type);
  if (enabled.includes(executor)) return requested;
  throw badInput("executor", `must be an enabled executor: ${enabled.join(", ")}`);
}

/** The scheduler's replicas, and its limits unless they stay. */
function schedulerOf(config: Config, given: DeploymentRequest, stored: StoredDeployment | undefined) {
  const { replicas = 1, resources } = stored?.config.scheduler ?? {};
  const limits = sizeOf(config, given, stored);
  const isSame = resources?.limits.cpu === limits?.cpu && resources?.limits.memory === limits?.memory;
  const wanted = replicasOf(config, given, stored && replicas);
  return {
    ...(stored && wanted === replicas ? {} : { replicas: wanted }),
    ...(limits === undefined || isSame ? {} : { resources: { limits } }),
  };
}

function sizeOf(config: Config, given: DeploymentRequest, stored: StoredDeployment | undefined) {
  const { schedulerSize: size, scheduler } = given;
  const { astroUnit } = config.deployments;
  if (scheduler) {
    const { maxAu } = schedulerLimits(config);
    const limits = { cpu: scheduler.au * astroUnit.cpu, memory: scheduler.au * astroUnit.memory };
    if (scheduler.au >= 1 && scheduler.au <= maxAu) return limits;
    if (limits.cpu === stored?.config.scheduler?.resources.limits.cpu) return limits;
    throw badInput("scheduler.au", `must be from 1 to ${maxAu}`);
  }
  if (size === undefined || size === stored?.settings.schedulerSize) return undefined;
  const offered = schedulerMachines(config);
  const machine = offered.find(({ name }) => name === size);
  if (machine) return podOf(machine.spec);
  throw badInput("schedulerSize", `must be one of ${offered.map(({ name }) => name).join(", ")}`);
}

/** Highly available means two pods or more. */
function replicasOf(config: Config, given: DeploymentRequest, stored: number | undefined): number {
  const { minimum, limit } = schedulerLimits(config);
  if (given.scheduler) {
    const { replicas } = given.scheduler;
    if ((replicas >= minimum && replicas <= limit) || replicas === stored) return replicas;
    throw badInput("scheduler.replicas", `must be from ${minimum} to ${limit}`);
  }
  if (!given.isHighAvailability) return Math.max(1, minimum);
  if (stored !== undefined && stored >= 2) return stored;
  if (limit < 2) throw badInput("isHighAvailability", "must be false: this platform allows one scheduler");
  return Math.max(2, minimum);
}

/** null for none; undefined if unchanged. */
function cloudRoleOf(
  config: Config,
  { workloadIdentity: role }: DeploymentRequest,
  cloudProvider: string,
  stored: StoredDeployment | undefined,
): string | null | undefined {
  if (role === undefined) return undefined;
  if (role === "") return null;
  const offered = workloadIdentities(config, cloudProvider).map((one) => one.role);
  if (offered.length === 0 || offered.includes(role) || role === stored?.cloudRole) return role;
  throw badInput("workloadIdentity", `must be one of ${offered.join(", ")}`);
}

/** Omitted fields are unchanged. */
function platformApiOf(config: Config, given: DeploymentRequest, stored: StoredSettings = {}): Prisma.InputJsonObject {
  const { executor: _executor, ...before } = stored;
  const { type, executor, isCicdEnforced, schedulerSize, isHighAvailability, isDevelopmentMode } = given;
  const { taskPodNodePoolId, drWorkloadIdentity, remoteExecution, scalingSpec } = given;
  const values = {
    ...(executor === "ASTRO" && { executor }),
    ...{ type, isCicdEnforced, schedulerSize, isHighAvailability, isDevelopmentMode },
    ...{ taskPodNodePoolId, drWorkloadIdentity, remoteExecution },
    ...(scalingSpec && { scalingSpec: storedSpec(scalingSpec) }),
    ...(type === "HYBRID" ? {} : quotasAfter(config, given, stored)),
  };
  // As JSON has it: without what is undefined. An empty role is none.
  const all = JSON.parse(JSON.stringify({ ...before, ...JSON.parse(JSON.stringify(values)) })) as StoredSettings;
  if (all.drWorkloadIdentity === "") delete all.drWorkloadIdentity;
  return all as unknown as Prisma.InputJsonObject;
}

/** An override without any value is none. */
function storedSpec({ hibernationSpec }: ScalingSpecRequest): ScalingSpecRequest {
  if (hibernationSpec === undefined) return {};
  const { override, ...rest } = hibernationSpec;
  return { hibernationSpec: { ...rest, ...(override?.overrideUntil !== undefined && { override }) } };
}

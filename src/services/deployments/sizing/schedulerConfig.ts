import type { Context } from "../../../access/context.ts";
import type { Override } from "../configuration/configLayers.ts";
import { settingsUnder } from "../configuration/effectiveConfig.ts";
import type { DeploymentConfig } from "./configAfter.ts";

/**
 * `Deployment.scheduler`: its resources, and its replicas as the limits in force with the chosen number as `default`.
 * Null for a Deployment whose stored settings have no scheduler.
 */
export function schedulerConfig(
  { config: { scheduler }, overrides }: { config: DeploymentConfig; overrides: Override[] },
  { config }: Context,
) {
  if (!scheduler) return null;
  const { components } = settingsUnder(config.deployments, overrides);
  const range = components.find(({ name }) => name === "scheduler")?.replicas;
  const { minimum, limit } = range ?? { minimum: 1, limit: 1 };
  const minAirflowVersion = range?.minAirflowVersion ?? null;
  return { ...scheduler, replicas: { default: scheduler.replicas ?? 1, minimum, limit, minAirflowVersion } };
}

import type { Context } from "../../../access/context.ts";
import type { Override } from "../configuration/configLayers.ts";
import { settingsWith } from "../configuration/effectiveConfig.ts";
import type { DeploymentConfig } from "./configAfter.ts";

/**
 * `Deployment.scheduler`: its resources, and its replicas as the effective limits with the chosen number as `default`.
 * Null if the stored settings of the Deployment have no scheduler.
 */
export function schedulerConfig(
  { config: { scheduler }, overrides }: { config: DeploymentConfig; overrides: Override[] },
  { config }: Context,
) {
  if (!scheduler) return null;
  const { components } = settingsWith(config.deployments, overrides);
  const range = components.find(({ name }) => name === "scheduler")?.replicas;
  const { minimum, limit } = range ?? { minimum: 1, limit: 1 };
  const minAirflowVersion = range?.minAirflowVersion ?? null;
  return { ...scheduler, replicas: { default: scheduler.replicas ?? 1, minimum, limit, minAirflowVersion } };
}

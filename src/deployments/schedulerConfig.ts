import type { Context } from "../context.ts";
import type { DeploymentConfig } from "./deploymentConfig.ts";

/**
 * `Deployment.scheduler`: its resources, and its replicas as limits of the platform with the chosen number as `default`.
 * Null for a Deployment whose stored settings have no scheduler.
 */
export function schedulerConfig({ config: { scheduler } }: { config: DeploymentConfig }, { config }: Context) {
  if (!scheduler) return null;
  const range = config.deployments.components.find(({ name }) => name === "scheduler")?.replicas;
  const { minimum, limit } = range ?? { minimum: 1, limit: 1 };
  const minAirflowVersion = range?.minAirflowVersion ?? null;
  return { ...scheduler, replicas: { default: scheduler.replicas ?? 1, minimum, limit, minAirflowVersion } };
}

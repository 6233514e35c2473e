import type { Context } from "../../access/context.ts";
import type { Component, Config } from "../../platform/config/config.ts";
import { hasLogStore } from "../logs/logStore.ts";
import { airflowReleases } from "../releases/airflowReleases.ts";
import { isDeprecated, mayUseDeprecated } from "../releases/deprecated.ts";
import { settingsFor } from "./settingsFor.ts";
import { configAfter } from "./sizing/configAfter.ts";

/**
 * Defaults and limits of a Deployment, for clients that edit its settings. Depends on the configuration and those of its
 * layers that the caller may see.
 */
export async function deploymentConfig(ctx: Context, input: unknown) {
  const deployments = await settingsFor(ctx, input);
  const config = { ...ctx.config, deployments };
  const { components, executors, astroUnit, maxExtraAu, chart } = deployments;
  const images = airflowImages(ctx, config);
  return {
    defaults: configAfter(config, { components: {} }, undefined, null),
    limits: Object.fromEntries(components.map((component) => [component.name, limitsOf(deployments, component)])),
    astroUnit: { ...astroUnit, price: null },
    maxExtraAu,
    executors: executors.filter(({ enabled }) => enabled),
    singleNamespace: config.helm.singleNamespace,
    loggingEnabled: hasLogStore(config),
    latestVersion: chart.version,
    airflowImages: images,
    airflowVersions: [...new Set(images.map(({ version }) => version))],
    defaultAirflowImageTag: images.find(({ isDefault }) => isDefault)?.tag ?? null,
    defaultAirflowChartVersion: chart.version,
  };
}

/** Maximum size of a component per pod; CPU in thousandths of a core, memory in MiB. */
function limitsOf({ astroUnit, maxPodAu }: Config["deployments"], component: Component) {
  const au = Math.min(component.au.limit, maxPodAu);
  const { replicas, terminationGracePeriodSeconds: grace } = component;
  return {
    au,
    resources: { cpu: au * astroUnit.cpu, memory: au * astroUnit.memory },
    ...(replicas ? { replicas: { minimum: replicas.minimum, limit: replicas.limit } } : {}),
    ...(grace ? { terminationGracePeriodSeconds: { minimum: 0, limit: grace.limit } } : {}),
  };
}

/** The Airflow images that the caller may choose, earliest first. The latest stable one is the default. */
function airflowImages(ctx: Context, config: Config) {
  const all = airflowReleases(config).filter(
    (release) => !isDeprecated(release) || mayUseDeprecated({ ...ctx, config }),
  );
  const latest = all.findLast(({ channel }) => channel === "stable");
  return all.map(({ version, channel, tag }) => ({ version, channel, tag, isDefault: tag === latest?.tag }));
}

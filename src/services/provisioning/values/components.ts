import type { ComponentSettings } from "../../deployments/sizing/componentSettings.ts";
import type { Resources } from "../../deployments/sizing/resources.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";
import { containerResources, fixedResources } from "./resources.ts";
import type { HelmValues } from "./valuesContext.ts";
import { isAirflow3 } from "./version.ts";

/** Pods of one kind: their number and the size of each. */
export interface Pods {
  replicas: number;
  resources: Resources;
}

/** The component that serves the web page: its name in the chart. */
export const webComponent = (wanted: Pick<WantedDeployment, "airflowVersion">) =>
  isAirflow3(wanted) ? "apiServer" : "webserver";

/** The pods of the components that every executor has, by their names in the chart; without those that do not run. */
export function componentPods(wanted: WantedDeployment): Record<string, Pods> {
  const { config, settings } = wanted;
  const pods: Record<string, Pods | undefined> = {
    scheduler: podsOf(config.scheduler, 1),
    [webComponent(wanted)]: podsOf(config.webserver && { resources: config.webserver.resources }, 1),
    triggerer: settings.triggererEnabled || config.triggerer ? podsOf(config.triggerer, 1) : undefined,
    dagProcessor: dagProcessorPods(wanted),
    statsd: podsOf(sized(fixedResources(settings, "statsd")), 1),
  };
  return Object.fromEntries(
    Object.entries(pods).flatMap(([name, some]) => (some && some.replicas > 0 ? [[name, some]] : [])),
  );
}

function dagProcessorPods({ config, settings, ...wanted }: WantedDeployment): Pods | undefined {
  if (isAirflow3(wanted)) {
    // There is no Airflow 3 without one, so a Deployment from before it gets one of the size of its scheduler.
    const pods = podsOf(config.dagProcessor ?? config.scheduler, 1);
    return config.dagProcessor
      ? pods && { ...pods, replicas: Math.max(1, pods.replicas) }
      : pods && { ...pods, replicas: 1 };
  }
  return settings.dagProcessorEnabled ? podsOf(config.dagProcessor, 1) : undefined;
}

const podsOf = (component: ComponentSettings | undefined, replicas: number): Pods | undefined =>
  component && { replicas: component.replicas ?? replicas, resources: component.resources };

const sized = (resources: Resources | undefined) => resources && { resources };

/** Number and size of the pods of these components. */
export function componentValues(wanted: WantedDeployment): HelmValues {
  const pods = componentPods(wanted);
  const values = Object.entries(pods).map(([name, { replicas, resources }]) => [
    name,
    // There is one StatsD only.
    { ...(name !== "statsd" && { replicas }), resources: containerResources(resources) },
  ]);
  const { triggerer, dagProcessor, ...others } = Object.fromEntries(values);
  return {
    ...others,
    // Volumes of a StatefulSet outlive the release, and nothing of what a triggerer writes there is needed again.
    triggerer: { enabled: triggerer !== undefined, ...triggerer, persistence: { enabled: false } },
    dagProcessor: { enabled: dagProcessor !== undefined, ...dagProcessor },
  };
}

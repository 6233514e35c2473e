import type { ComponentSettings } from "../../deployments/sizing/componentSettings.ts";
import type { Resources } from "../../deployments/sizing/resources.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";
import { chosenSettings } from "./chosenSettings.ts";
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
  const web = chosenSettings(wanted, "webserver");
  const statsd = fixedResources(wanted.settings, "statsd");
  const pods: Record<string, Pods | undefined> = {
    scheduler: podsOf(chosenSettings(wanted, "scheduler")),
    [webComponent(wanted)]: web && { replicas: 1, resources: web.resources },
    triggerer: podsOf(chosenSettings(wanted, "triggerer")),
    dagProcessor: dagProcessorPods(wanted),
    statsd: statsd && { replicas: 1, resources: statsd },
  };
  return Object.fromEntries(
    Object.entries(pods).flatMap(([name, some]) => (some && some.replicas > 0 ? [[name, some]] : [])),
  );
}

function dagProcessorPods(wanted: WantedDeployment): Pods | undefined {
  const { config, settings } = wanted;
  if (!isAirflow3(wanted)) return settings.dagProcessorEnabled ? podsOf(config.dagProcessor) : undefined;
  const own = podsOf(chosenSettings(wanted, "dagProcessor"));
  // There is no Airflow 3 without one: on a platform that does not size it, it has the size of the scheduler.
  const pods = own ?? podsOf(chosenSettings(wanted, "scheduler"));
  return pods && { ...pods, replicas: Math.max(1, own?.replicas ?? 1) };
}

const podsOf = (component: ComponentSettings | undefined): Pods | undefined =>
  component && { replicas: component.replicas ?? 1, resources: component.resources };

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

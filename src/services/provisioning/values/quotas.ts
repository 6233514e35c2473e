import type { Config } from "../../../platform/config/config.ts";
import type { Amount } from "../../deployments/sizing/resources.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";
import { chosenSettings } from "./chosenSettings.ts";
import { componentPods, type Pods } from "./components.ts";
import { quantities } from "./resources.ts";
import type { HelmValues } from "./valuesContext.ts";
import { celeryPods } from "./workerSets.ts";

/** Containers beside Airflow's in a pod: one removes old logs, one fetches DAGs. */
const SIDECARS = 2;

/** Pods for jobs of the chart, such as the migration of the database. */
const JOB_PODS = 4;

/**
 * `quotas` and `limits` of the namespace: room for all pods of the components twice, because an update starts new ones beside
 * the old, for jobs of the chart, and for the extra capacity. A container without a size of its own gets one astro unit.
 * Neither with `deployments.disableManageResourceQuotasAndLimitRanges`, nor where Deployments share a namespace.
 */
export function quotaValues(wanted: WantedDeployment, { helm }: Pick<Config, "helm">): HelmValues {
  const { settings, extraAu } = wanted;
  if (settings.disableManageResourceQuotasAndLimitRanges || helm.singleNamespace) return { quotas: {}, limits: [] };
  const unit = settings.astroUnit;
  const pods = [...Object.values(componentPods(wanted)), ...celeryPods(wanted)];
  const count = 2 * sum(pods, ({ replicas }) => replicas) + JOB_PODS;
  const total = (key: keyof Amount) => {
    const jobs = JOB_PODS * largest(pods, key);
    const components = 2 * sum(pods, ({ replicas, resources }) => replicas * resources.limits[key]);
    return components + jobs + (count * SIDECARS + extraAu) * unit[key];
  };
  const own = quantities(unit);
  const sizes = [...pods, ...taskPods(wanted)];
  const max = { cpu: atLeast(sizes, "cpu", settings), memory: atLeast(sizes, "memory", settings) };
  const { cpu, memory } = quantities({ cpu: total("cpu"), memory: total("memory") });
  return {
    quotas: { pods: `${count + Math.ceil(extraAu * unit.pods)}`, "limits.cpu": cpu, "limits.memory": memory },
    limits: [{ type: "Container", default: own, defaultRequest: own, max: quantities(max) }],
  };
}

/** The size of the pods that the KubernetesExecutor makes, one for each task. Their number depends on the extra capacity. */
function taskPods(wanted: WantedDeployment): Pods[] {
  const workers = chosenSettings(wanted, "workers");
  return wanted.config.executor === "KubernetesExecutor" && workers
    ? [{ replicas: 0, resources: workers.resources }]
    : [];
}

const sum = (pods: readonly Pods[], of: (pods: Pods) => number) => pods.reduce((total, one) => total + of(one), 0);

const largest = (pods: readonly Pods[], key: keyof Amount) =>
  Math.max(0, ...pods.map(({ resources }) => resources.limits[key]));

/** The largest size of one container: that of the platform, or of a component that was allowed to be larger. */
const atLeast = (pods: readonly Pods[], key: keyof Amount, { maxPodAu, astroUnit }: Config["deployments"]) =>
  Math.max(maxPodAu * astroUnit[key], largest(pods, key));

import type { Resources } from "../../deployments/sizing/resources.ts";
import type { WantedDeployment, WantedQueue } from "../wanted/wanted.ts";
import { chosenSettings } from "./chosenSettings.ts";
import type { Pods } from "./components.ts";
import { mebibytes, millicores } from "./quantity.ts";
import { fixedResources } from "./resources.ts";

type Wanted = Pick<WantedDeployment, "config" | "kedaEnabled" | "workerQueues" | "settings">;

/** Celery workers of one size. */
export interface WorkerSet {
  /** The queue that they take tasks from; undefined if the Deployment has no queues of its own. */
  queue: WantedQueue | undefined;
  /** Fewest and most pods: the same number unless KEDA chooses it. */
  least: number;
  most: number;
  resources: Resources;
}

/** The Celery workers of a Deployment, one set for each queue; none with another executor. */
export function workerSets(wanted: Wanted): WorkerSet[] {
  const { config, kedaEnabled, workerQueues } = wanted;
  const workers = chosenSettings(wanted, "workers");
  if (config.executor !== "CeleryExecutor" || !workers) return [];
  if (workerQueues.length === 0) {
    const most = Math.max(1, workers.replicas ?? 1);
    return [{ queue: undefined, least: kedaEnabled ? 0 : most, most, resources: workers.resources }];
  }
  return workerQueues.map((queue) => {
    // Without KEDA, nobody would ever start the first worker of a queue that has none.
    const fixed = Math.max(1, queue.minWorkerCount);
    const range = { least: queue.minWorkerCount, most: Math.max(1, queue.maxWorkerCount) };
    return {
      queue,
      ...(kedaEnabled ? range : { least: fixed, most: fixed }),
      resources: sizeOf(queue, workers.resources),
    };
  });
}

/** The size of one worker of a queue, which gets all that it requests. */
function sizeOf({ podCpu, podRam }: WantedQueue, { requests, limits }: Resources): Resources {
  const own = {
    ...(podCpu !== null && { cpu: millicores(podCpu) }),
    ...(podRam !== null && { memory: mebibytes(podRam) }),
  };
  return { requests: { ...requests, ...own }, limits: { ...limits, ...own } };
}

/** The most pods that only the CeleryExecutor has: workers, the broker and Flower. */
export function celeryPods(wanted: Wanted): Pods[] {
  const sets = workerSets(wanted).map(({ most, resources }) => ({ replicas: most, resources }));
  if (sets.length === 0) return [];
  const others = (["redis", "flower"] as const).flatMap((name) => fixedResources(wanted.settings, name) ?? []);
  return [...sets, ...others.map((resources) => ({ replicas: 1, resources }))];
}

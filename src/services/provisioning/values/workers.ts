import { createHash } from "node:crypto";
import type { Resources } from "../../deployments/sizing/resources.ts";
import type { WantedDeployment, WantedQueue } from "../wanted/wanted.ts";
import type { Pods } from "./components.ts";
import { mebibytes, millicores } from "./quantity.ts";
import { containerResources, fixedResources } from "./resources.ts";
import type { HelmValues } from "./valuesContext.ts";
import { ValuesError } from "./valuesError.ts";

type Wanted = Pick<WantedDeployment, "config" | "kedaEnabled" | "workerQueues" | "settings">;

/** The pods that only some executors have: workers, Celery's broker and Flower. The largest number of each. */
export function workerPods({ config, workerQueues, kedaEnabled, settings }: Wanted): Pods[] {
  const { executor, workers } = config;
  if (executor !== "CeleryExecutor" || !workers) return [];
  const queues = workerQueues.map((queue) => ({
    replicas: kedaEnabled ? queue.maxWorkerCount : Math.max(1, queue.minWorkerCount),
    resources: amountsOf(queue, workers.resources),
  }));
  const others = (["redis", "flower"] as const).flatMap((name) => fixedResources(settings, name) ?? []);
  return [
    ...(queues.length > 0 ? queues : [{ replicas: Math.max(1, workers.replicas ?? 1), resources: workers.resources }]),
    ...others.map((resources) => ({ replicas: 1, resources })),
  ];
}

/** Volumes of a StatefulSet outlive the release. With the LocalExecutor, the chart reads this for the scheduler. */
const persistence = { enabled: false };

/** `workers` of the chart of the Apache Airflow project since 1.20, with a set of workers for each queue. */
export function workerValues(wanted: Wanted): HelmValues {
  const { config, workerQueues } = wanted;
  const { executor, workers } = config;
  if (executor === "LocalExecutor" || !workers) return { workers: { celery: { persistence } } };
  const common = {
    terminationGracePeriodSeconds: workers.terminationGracePeriodSeconds,
    resources: containerResources(workers.resources),
  };
  if (executor === "KubernetesExecutor") return { workers: { kubernetes: common } };
  if (workerQueues.length === 0) return { workers: { celery: { ...common, persistence, ...countOf(wanted) } } };
  const sets = workerQueues.map((queue) => setOf(queue, wanted));
  return {
    ...defaultQueueOf(workerQueues),
    workers: { celery: { ...common, persistence, enableDefault: false, sets } },
  };
}

/** `workers` of earlier charts, which have one set of workers. Throws a ValuesError for several queues. */
export function flatWorkerValues(wanted: Wanted): HelmValues {
  const { config, workerQueues } = wanted;
  const { executor, workers } = config;
  if (executor === "LocalExecutor" || !workers) return { workers: { persistence } };
  const [queue, ...others] = executor === "CeleryExecutor" ? workerQueues : [];
  if (others.length > 0) throw new ValuesError("Several worker queues cannot run: the chart of this platform has one");
  const common = {
    terminationGracePeriodSeconds: workers.terminationGracePeriodSeconds,
    resources: containerResources(workers.resources),
    persistence,
  };
  if (!queue) return { workers: { ...common, ...(executor === "CeleryExecutor" && countOf(wanted)) } };
  const { name: _name, queue: _queue, ...set } = setOf(queue, wanted);
  return { ...defaultQueueOf(workerQueues), workers: { ...common, ...set } };
}

/** The size of one worker of a queue, which gets all that it requests. */
function amountsOf({ podCpu, podRam }: WantedQueue, { requests, limits }: Resources): Resources {
  const own = {
    ...(podCpu !== null && { cpu: millicores(podCpu) }),
    ...(podRam !== null && { memory: mebibytes(podRam) }),
  };
  return { requests: { ...requests, ...own }, limits: { ...limits, ...own } };
}

const countOf = ({ config, kedaEnabled }: Wanted) =>
  scaled(kedaEnabled, { least: kedaEnabled ? 0 : 1, most: Math.max(1, config.workers?.replicas ?? 1) });

/** With KEDA, the number of workers follows the number of tasks. */
const scaled = (keda: boolean, { least, most }: { least: number; most: number }) => ({
  replicas: keda ? Math.max(1, least) : most,
  keda: { enabled: keda, ...(keda && { minReplicaCount: least, maxReplicaCount: most }) },
});

function setOf(queue: WantedQueue, { config, kedaEnabled }: Wanted) {
  const resources = config.workers && containerResources(amountsOf(queue, config.workers.resources));
  const { minWorkerCount: least, maxWorkerCount: most } = queue;
  return {
    name: setName(queue.name),
    queue: queue.name,
    // Without KEDA, nobody would ever start the first worker of a queue that has none.
    ...scaled(kedaEnabled, { least, most: kedaEnabled ? Math.max(1, most) : Math.max(1, least) }),
    resources,
    env: [{ name: "AIRFLOW__CELERY__WORKER_CONCURRENCY", value: `${queue.workerConcurrency}` }],
  };
}

/** Tasks that name no queue run in the default one. */
const defaultQueueOf = (queues: readonly WantedQueue[]) => ({
  config: { operators: { default_queue: (queues.find(({ isDefault }) => isDefault) ?? queues[0])?.name } },
});

/** The longest name of a set: it is a part of the names of Kubernetes objects. */
const MAX_SET = 20;

const setName = (queue: string) =>
  queue.length <= MAX_SET && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(queue)
    ? queue
    : `queue-${createHash("sha256").update(queue).digest("hex").slice(0, 8)}`;

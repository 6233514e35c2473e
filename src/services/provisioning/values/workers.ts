import { createHash } from "node:crypto";
import type { WantedDeployment, WantedQueue } from "../wanted/wanted.ts";
import { chosenSettings } from "./chosenSettings.ts";
import { operatorVariables, WORKER_CONCURRENCY } from "./environment.ts";
import { helmReleaseName } from "./names.ts";
import { containerResources } from "./resources.ts";
import type { HelmValues } from "./valuesContext.ts";
import { ValuesError } from "./valuesError.ts";
import { type WorkerSet, workerSets } from "./workerSets.ts";

type Wanted = Pick<WantedDeployment, "config" | "kedaEnabled" | "releaseName" | "workerQueues" | "settings">;

/** Volumes of a StatefulSet outlive the release. With the LocalExecutor, the chart reads this for the scheduler. */
const persistence = { enabled: false };

/** `workers` of the chart of the Apache Airflow project since 1.20, with a set of workers for each queue. */
export function workerValues(wanted: Wanted): HelmValues {
  const common = commonOf(wanted);
  const [first, ...others] = workerSets(wanted);
  if (!first) {
    const isKubernetes = wanted.config.executor === "KubernetesExecutor";
    return { workers: isKubernetes ? { kubernetes: common } : { celery: { persistence } } };
  }
  if (!first.queue) return { workers: { celery: { ...common, persistence, ...countOf(first, wanted) } } };
  const sets = [first, ...others].map((set) => ({
    name: setName(set.queue?.name ?? "", wanted.releaseName),
    queue: set.queue?.name,
    ...setOf(set, wanted),
  }));
  return {
    ...defaultQueueOf(wanted.workerQueues),
    workers: { celery: { ...common, persistence, enableDefault: false, sets } },
  };
}

/** `workers` of earlier charts, which have one set of workers. Throws a ValuesError for several queues. */
export function flatWorkerValues(wanted: Wanted): HelmValues {
  const [set, ...others] = workerSets(wanted);
  if (others.length > 0) throw new ValuesError("Several worker queues cannot run: the chart of this platform has one");
  return {
    ...(set?.queue && defaultQueueOf([set.queue])),
    workers: { ...commonOf(wanted), persistence, ...(set && setOf(set, wanted)) },
  };
}

/** What all pods for tasks have in common, also those of the KubernetesExecutor. */
function commonOf(wanted: Wanted) {
  const workers = chosenSettings(wanted, "workers");
  return {
    terminationGracePeriodSeconds: workers?.terminationGracePeriodSeconds,
    resources: workers && containerResources(workers.resources),
  };
}

const setOf = (set: WorkerSet, wanted: Wanted) => ({
  ...countOf(set, wanted),
  resources: containerResources(set.resources),
  ...(set.queue &&
    !operatorVariables(wanted).has(WORKER_CONCURRENCY) && {
      env: [{ name: WORKER_CONCURRENCY, value: `${set.queue.workerConcurrency}` }],
    }),
});

/** With KEDA, the number of workers follows the number of tasks. */
const countOf = ({ least, most }: WorkerSet, { kedaEnabled: enabled }: Wanted) => ({
  replicas: Math.max(1, least),
  keda: { enabled, ...(enabled && { minReplicaCount: least, maxReplicaCount: most }) },
});

/** Tasks that name no queue run in the default one. */
const defaultQueueOf = (queues: readonly WantedQueue[]) => ({
  config: { operators: { default_queue: (queues.find(({ isDefault }) => isDefault) ?? queues[0])?.name } },
});

/** The longest name of a set, and the shortest of those that are left for it after a long name of the release. */
const MAX_SET = 20;
const MIN_SET = 8;

/** The longest name of a StatefulSet with pods; see `helmReleaseName`. Where it cannot be kept, a label (63) has room. */
const MAX_WORKLOAD = 52;

/** The name of a set is a part of the names of Kubernetes objects, such as `<release>-worker-<set>`. */
function setName(queue: string, releaseName: string): string {
  const room = MAX_WORKLOAD - `${helmReleaseName(releaseName)}-worker-`.length;
  const max = Math.min(MAX_SET, Math.max(MIN_SET, room));
  if (queue.length <= max && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(queue)) return queue;
  const digest = createHash("sha256").update(queue).digest("hex");
  const long = `queue-${digest.slice(0, 8)}`;
  return long.length <= max ? long : `q${digest.slice(0, MIN_SET - 1)}`;
}

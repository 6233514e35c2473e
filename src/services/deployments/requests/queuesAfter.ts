import type { WorkerQueue } from "../../../generated/prisma/client.ts";
import type { Config } from "../../../platform/config/config.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { isSame, type QueueValues } from "../workerQueues/replaceQueues.ts";
import type { DeploymentRequest, WorkerQueueRequest } from "./deploymentRequest.ts";

/**
 * The complete set of a Deployment's worker queues after a request; undefined if they are unchanged. With the executor
 * KUBERNETES there are none, otherwise at least a default one. Throws BAD_USER_INPUT for numbers outside of the options,
 * unless the stored queue has them already, and for an unknown ID. `nodePoolId`: the pool of a default queue.
 */
export function queuesAfter(
  config: Config,
  { type, executor, workerQueues: given }: Pick<DeploymentRequest, "type" | "executor" | "workerQueues">,
  stored: readonly WorkerQueue[],
  nodePoolId: string | null,
): QueueValues[] | undefined {
  if (executor === "KUBERNETES") {
    if (given !== undefined) throw badInput("workerQueues", "cannot be combined with executor KUBERNETES");
    return [];
  }
  if (given === undefined) return stored.length > 0 ? undefined : [defaultQueue(config, type, nodePoolId)];
  return given.map((queue, index) => {
    const before = queue.id === undefined ? undefined : stored.find(({ id }) => id === queue.id);
    if (queue.id !== undefined && !before) throw badInput(`workerQueues.${index}.id`, "unknown worker queue");
    // Without an ID, the queue of the same name is meant, unless another element names it by its ID.
    const id = before?.id ?? stored.find((one) => one.name === queue.name && !given.some((q) => q.id === one.id))?.id;
    const values = valuesOf(queue);
    const known = stored.find((one) => one.id === id);
    if (!known || !isSame(known, values)) assertInOptions(config, queue, `workerQueues.${index}`);
    return { ...values, ...(id !== undefined && { id }) };
  });
}

const valuesOf = ({ id: _id, astroMachine, nodePoolId, ...queue }: WorkerQueueRequest): QueueValues => ({
  ...queue,
  astroMachine: astroMachine ?? null,
  nodePoolId: nodePoolId ?? null,
});

/** The queue of a Deployment whose request names none. */
function defaultQueue(config: Config, type: DeploymentRequest["type"], nodePoolId: string | null): QueueValues {
  const { workerMachines, workerQueues } = config.platformApi.deploymentOptions;
  const machine = type === "HYBRID" ? undefined : workerMachines[0];
  return {
    name: "default",
    isDefault: true,
    astroMachine: machine?.name ?? null,
    nodePoolId: type === "HYBRID" ? nodePoolId : null,
    minWorkerCount: workerQueues.minWorkers.default,
    maxWorkerCount: workerQueues.maxWorkers.default,
    workerConcurrency: (machine?.concurrency ?? workerQueues.workerConcurrency).default,
  };
}

function assertInOptions(config: Config, queue: WorkerQueueRequest, at: string): void {
  const { workerMachines, workerQueues } = config.platformApi.deploymentOptions;
  const machine = workerMachines.find(({ name }) => name === queue.astroMachine);
  if (queue.astroMachine !== undefined && !machine) {
    throw badInput(`${at}.astroMachine`, `must be one of ${workerMachines.map(({ name }) => name).join(", ")}`);
  }
  const ranges = {
    minWorkerCount: workerQueues.minWorkers,
    maxWorkerCount: workerQueues.maxWorkers,
    workerConcurrency: machine?.concurrency ?? workerQueues.workerConcurrency,
  };
  for (const [field, { floor, ceiling }] of Object.entries(ranges)) {
    const value = queue[field as keyof typeof ranges];
    if (value >= floor && value <= ceiling) continue;
    const where = field === "workerConcurrency" && machine ? ` on ${machine.name}` : "";
    throw badInput(`${at}.${field}`, `must be from ${floor} to ${ceiling}${where}`);
  }
}

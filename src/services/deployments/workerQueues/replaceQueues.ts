import type { Deployment, Prisma, WorkerQueue } from "../../../generated/prisma/client.ts";
import type { Config } from "../../../platform/config/config.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { isUnmanaged } from "../changes/isUnmanaged.ts";

/** A worker queue as it is to be stored. */
export type QueueValues = Pick<
  WorkerQueue,
  "name" | "isDefault" | "astroMachine" | "nodePoolId" | "minWorkerCount" | "maxWorkerCount" | "workerConcurrency"
> & { id?: string | undefined };

/** Whether the stored queue has these values already. */
export const isSame = (stored: WorkerQueue, values: QueueValues) =>
  Object.entries(values).every(([key, value]) => key === "id" || stored[key as keyof WorkerQueue] === value);

/** Names of the changed queues for the audit entry. */
export interface QueueChanges {
  set: string[];
  removed: string[];
}

/**
 * Replaces a Deployment's worker queues by `list`; unchanged ones keep their rows, changed ones their IDs. The
 * Deployment's row and the node pools of the queues must be locked. Throws BAD_USER_INPUT for more queues than can run,
 * unless it has as many already.
 */
export async function replaceQueues(
  config: Config,
  tx: Prisma.TransactionClient,
  deployment: Pick<Deployment, "id" | "adoptedAt" | "mode">,
  list: readonly QueueValues[],
): Promise<QueueChanges> {
  const deploymentId = deployment.id;
  const stored = await tx.workerQueue.findMany({ where: { deploymentId } });
  if (list.length > 1 && list.length > stored.length && hasOneQueue(config) && !isUnmanaged(deployment)) {
    throw badInput("workerQueues", "must contain only one queue, because the chart of this platform supports no more");
  }
  const changed = list.flatMap(({ id, ...values }) => {
    const before = stored.find((row) => row.id === id);
    if (before && isSame(before, values)) return [];
    return [{ ...(before && { id: before.id, createdAt: before.createdAt }), ...values, deploymentId }];
  });
  const kept = new Set(list.map(({ id }) => id));
  const removed = stored.filter(({ id }) => !kept.has(id));
  const replaced = [...removed, ...changed].flatMap(({ id }) => (id === undefined ? [] : [id]));
  // Deleted before they are inserted again, so that two queues can exchange their names.
  await tx.workerQueue.deleteMany({ where: { deploymentId, id: { in: replaced } } });
  await tx.workerQueue.createMany({ data: changed });
  return { set: changed.map(({ name }) => name), removed: removed.map(({ name }) => name) };
}

/** True where the chart in `flux.profile` has one set of workers. */
const hasOneQueue = ({ provisioner, flux }: Config) => provisioner === "flux" && flux.profile === "astronomer";

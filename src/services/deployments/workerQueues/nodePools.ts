import type { Deployment, Prisma, WorkerQueue } from "../../../generated/prisma/client.ts";
import { badInput } from "../../../platform/errors/appError.ts";

/**
 * Throws BAD_USER_INPUT unless the cluster has all of the node pools. Locks them, so that none is removed before the
 * transaction ends.
 */
async function assertNodePools(
  tx: Prisma.TransactionClient,
  clusterId: string,
  given: readonly { id: string; argument: string }[],
): Promise<void> {
  if (given.length === 0) return;
  const ids = given.map(({ id }) => id);
  const rows = await tx.$queryRaw<{ id: string }[]>`SELECT id FROM "NodePool"
    WHERE "clusterId" = ${clusterId} AND id = ANY(${ids}) ORDER BY id FOR SHARE`;
  const unknown = given.find(({ id }) => !rows.some((row) => row.id === id));
  if (unknown) throw badInput(unknown.argument, "must be the ID of a node pool of the cluster");
}

/**
 * The same for everything that a Deployment is to run on: its pool for the pods of tasks and those of its queues. All at
 * once, because replaceNodePools locks them in order too; one after the other, the two could wait for each other.
 */
export async function assertPoolsInUse(
  tx: Prisma.TransactionClient,
  { clusterId }: Pick<Deployment, "clusterId">,
  platformApi: Prisma.InputJsonObject | undefined,
  queues: readonly Pick<WorkerQueue, "nodePoolId">[] = [],
): Promise<void> {
  const id = platformApi?.taskPodNodePoolId;
  const ofTasks = typeof id === "string" ? [{ id, argument: "taskPodNodePoolId" }] : [];
  const ofQueues = queues.flatMap(({ nodePoolId }, index) =>
    nodePoolId === null ? [] : [{ id: nodePoolId, argument: `workerQueues.${index}.nodePoolId` }],
  );
  await assertNodePools(tx, clusterId, [...ofTasks, ...ofQueues]);
}

/** The node pool that a cluster prefers; null if it has none. */
export async function defaultNodePool(
  tx: Pick<Prisma.TransactionClient, "nodePool">,
  clusterId: string,
): Promise<string | null> {
  const found = await tx.nodePool.findFirst({
    where: { clusterId },
    orderBy: [{ isDefault: "desc" }, { createdAt: "asc" }, { id: "asc" }],
    select: { id: true },
  });
  return found?.id ?? null;
}

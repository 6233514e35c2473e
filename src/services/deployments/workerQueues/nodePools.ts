import type { Deployment, Prisma } from "../../../generated/prisma/client.ts";
import { badInput } from "../../../platform/errors/appError.ts";

/**
 * Throws BAD_USER_INPUT unless the cluster has all of the node pools. Locks them, so that none is removed before the
 * transaction ends.
 */
export async function assertNodePools(
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

/** The same for the pool of a Deployment's pods for tasks. */
export async function assertTaskPodNodePool(
  tx: Prisma.TransactionClient,
  { clusterId }: Pick<Deployment, "clusterId">,
  { taskPodNodePoolId: id }: Prisma.InputJsonObject,
): Promise<void> {
  if (typeof id === "string") await assertNodePools(tx, clusterId, [{ id, argument: "taskPodNodePoolId" }]);
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

import type { NodePool, Prisma } from "../../generated/prisma/client.ts";
import type { ClusterOptions } from "../../platform/config/clusterOptions.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import type { GivenNodePool } from "./clusterFields.ts";
import { assertSizes } from "./clusterOptions.ts";

/** What decides on the sizes of node pools. */
interface Place {
  options: ClusterOptions | undefined;
  region: string | undefined;
}

/** The rows of a new cluster's node pools. Throws BAD_USER_INPUT for sizes that are not among the options. */
export const newNodePools = ({ options, region }: Place, given: readonly GivenNodePool[]) =>
  rowsOf(given, new Map()).map((row, n) => {
    assertSizes(options, region, { argument: `nodePools.${n}`, given: row });
    return row;
  });

/**
 * Makes `requested` the complete list of a cluster's node pools; the cluster's row must be locked. A node pool with an ID,
 * or with the name of an existing one, keeps its row. Throws BAD_USER_INPUT for an unknown ID and for new sizes that are not
 * among the options, CONFLICT for the removal of one that Deployments use.
 */
export async function replaceNodePools(
  tx: Prisma.TransactionClient,
  clusterId: string,
  { options, region }: Place,
  requested: readonly GivenNodePool[],
): Promise<void> {
  // Waits for whoever is about to use one of them, so that the use is seen below.
  const stored = await tx.$queryRaw<NodePool[]>`
    SELECT * FROM "NodePool" WHERE "clusterId" = ${clusterId} ORDER BY id FOR UPDATE`;
  const byId = new Map(stored.map((row) => [row.id, row]));
  const given = withIds(requested, stored);
  for (const [n, pool] of given.entries()) {
    const before = pool.id === undefined ? undefined : byId.get(pool.id);
    if (pool.id !== undefined && !before)
      throw badInput(`nodePools.${n}.id`, "must be the ID of a node pool of this cluster");
    assertSizes(options, region, { argument: `nodePools.${n}`, given: pool, stored: before });
  }
  const kept = new Set(given.map(({ id }) => id));
  const removed = stored.flatMap(({ id }) => (kept.has(id) ? [] : [id]));
  await assertUnused(tx, removed);
  await tx.nodePool.deleteMany({ where: { id: { in: removed } } });
  await writeRows(tx, clusterId, byId, rowsOf(given, byId));
}

/** Without an ID, the node pool of the same name is meant, unless another element names it by its ID. */
function withIds(given: readonly GivenNodePool[], stored: readonly NodePool[]): GivenNodePool[] {
  const named = new Set(given.map(({ id }) => id));
  return given.map((pool) => {
    const same = stored.find(({ id, name }) => name === pool.name && !named.has(id));
    return pool.id === undefined && same ? { ...pool, id: same.id } : pool;
  });
}

type Row = ReturnType<typeof rowsOf>[number];

/** What is stored for the node pools. If none says that it is the default, the present one stays, or else the first. */
function rowsOf(given: readonly GivenNodePool[], stored: ReadonlyMap<string, NodePool>) {
  const chosen = given.findIndex(({ isDefault }) => isDefault);
  const current = given.findIndex(({ id = "", isDefault }) => isDefault === undefined && stored.get(id)?.isDefault);
  const fallback = current >= 0 ? current : 0;
  return given.map(({ id, name, nodeInstanceType, maxNodeCount }, n) => {
    const isDefault = n === (chosen >= 0 ? chosen : fallback);
    return { ...(id === undefined ? {} : { id }), name, nodeInstanceType, maxNodeCount, isDefault };
  });
}

async function writeRows(
  tx: Prisma.TransactionClient,
  clusterId: string,
  stored: ReadonlyMap<string, NodePool>,
  rows: readonly Row[],
): Promise<void> {
  const changed = rows.flatMap(({ id, ...row }) => {
    const before = id === undefined ? undefined : stored.get(id);
    return before && Object.entries(row).some(([key, value]) => before[key as keyof Row] !== value)
      ? [{ before, row }]
      : [];
  });
  // Names are unique at every moment, also while two node pools swap theirs; an ID is no other one's name.
  for (const { before, row } of changed)
    if (before.name !== row.name) await tx.nodePool.update({ where: { id: before.id }, data: { name: before.id } });
  for (const { before, row } of changed) await tx.nodePool.update({ where: { id: before.id }, data: row });
  const added = rows.flatMap(({ id, ...row }) => (id === undefined ? [{ ...row, clusterId }] : []));
  await tx.nodePool.createMany({ data: added });
}

/** Throws CONFLICT if a Deployment runs a worker queue or the pods of its tasks on one of the node pools. */
async function assertUnused(tx: Prisma.TransactionClient, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const [used] = await tx.$queryRaw<{ name: string; deployments: number }[]>`
    SELECT p.name, count(*)::int AS deployments FROM "NodePool" p JOIN LATERAL (
      SELECT q."deploymentId" AS id FROM "WorkerQueue" q WHERE q."nodePoolId" = p.id
      UNION
      SELECT d.id FROM "Deployment" d
      WHERE d."clusterId" = p."clusterId" AND d."platformApi"->>'taskPodNodePoolId' = p.id
    ) u ON true JOIN "Deployment" d ON d.id = u.id AND d."deletedAt" IS NULL
    WHERE p.id = ANY(${ids}) GROUP BY p.id ORDER BY p.name LIMIT 1`;
  if (!used) return;
  const deployments = `${used.deployments} Deployment${used.deployments === 1 ? "" : "s"}`;
  throw new AppError(
    "CONFLICT",
    `nodePools: the node pool ${used.name} cannot be removed: it is used by ${deployments}`,
    "nodePools",
  );
}

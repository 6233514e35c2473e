import type { Context } from "../context.ts";
import { AppError } from "../errors.ts";

/** What only a look into a cluster could answer; nothing here speaks to clusters. */
export const clusterUnavailable = (what: string) =>
  new AppError("CLUSTER_UNAVAILABLE", `This platform has no connection to its clusters, so it cannot ${what}`);

/** Throws NOT_FOUND naming `clusterId` for a cluster that is not registered. */
export async function assertCluster({ db }: Context, id: string): Promise<void> {
  if ((await db.cluster.count({ where: { id } })) > 0) return;
  throw new AppError("NOT_FOUND", "clusterId: there is no such cluster", "clusterId");
}

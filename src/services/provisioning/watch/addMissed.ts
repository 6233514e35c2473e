import { Prisma } from "../../../generated/prisma/client.ts";
import { addJobs, type JobWriter } from "../jobs/addJobs.ts";

/**
 * Adds the jobs of Deployments whose HelmRelease was applied to a cluster and does not exist there: those that are to be
 * removed can go on, and the others are applied again. `existing` are the owners of those that do exist. Also those of
 * Deployments with a problem, which an outage of the cluster may have caused: their jobs may wait for long.
 */
export async function addMissed(tx: JobWriter, clusterId: string, existing: readonly string[]): Promise<void> {
  await addJobs(
    tx,
    Prisma.sql`SELECT p.id FROM "Provision" p WHERE p."clusterId" = ${clusterId}
      AND (p."problemSince" IS NOT NULL OR p."appliedRevision" > 0 AND p."removedAt" IS NULL
        AND NOT EXISTS (SELECT FROM unnest(${existing}::text[]) AS x(owner) WHERE x.owner = p.namespace || '/' || p.id))`,
  );
}

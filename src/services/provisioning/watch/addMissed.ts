import type pg from "pg";
import { PROVISION } from "../jobs/provisionJob.ts";

/**
 * Adds the jobs of Deployments whose HelmRelease was applied to a cluster and does not exist there: those that are to be
 * removed can go on, and the others are applied again. `existing` are the owners of those that do exist. Also those of
 * Deployments with a problem, which an outage of the cluster may have caused: their jobs may wait for long.
 */
export async function addMissed(pool: pg.Pool, clusterId: string, existing: readonly string[]): Promise<void> {
  await pool.query(
    `SELECT graphile_worker.add_job($1::text, json_build_object('deploymentId', id),
       job_key => 'deployment:' || id, queue_name => 'deployment:' || id)
     FROM "Provision" p WHERE "clusterId" = $2 AND ("problemSince" IS NOT NULL OR "appliedRevision" > 0 AND "removedAt" IS NULL
       AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS x(owner) WHERE x.owner = p.namespace || '/' || p.id))`,
    [PROVISION, clusterId, existing],
  );
}

import type { Prisma } from "../../generated/prisma/client.ts";
import type { ScheduledJob } from "../../platform/jobs/scheduledJob.ts";
import { PROVISION } from "./jobs/provisionJob.ts";

/**
 * Adds the job of every Deployment that is to run, and of everything that is to be removed from a cluster: it mends what
 * was missed while no job was added, and what others changed on the cluster.
 */
export const resyncDeployments: ScheduledJob = {
  name: "resyncDeployments",
  counts: "Deployments to apply again",
  run: ({ config, db }) => (config.provisioner === "none" ? Promise.resolve(0) : addAllJobs(db)),
};

/** Adds the jobs, of one cluster if given. Returns their number. A job that waits already is due at once. */
export async function addAllJobs(tx: Pick<Prisma.TransactionClient, "$queryRaw">, clusterId?: string): Promise<number> {
  const cluster = clusterId ?? null;
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT (graphile_worker.add_job(${PROVISION}::text, json_build_object('deploymentId', id, 'change', 'resync'),
      job_key => 'deployment:' || id, queue_name => 'deployment:' || id)).id::text
    FROM (
      SELECT id FROM "Deployment" WHERE "deletedAt" IS NULL AND ("clusterId" = ${cluster} OR ${cluster}::text IS NULL)
      UNION SELECT p.id FROM "Provision" p LEFT JOIN "Deployment" d ON d.id = p.id
        WHERE p."removedAt" IS NULL AND d."deletedAt" IS NOT NULL OR d.id IS NULL
    ) ids`;
  return rows.length;
}

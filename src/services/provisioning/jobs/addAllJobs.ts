import type { Prisma } from "../../../generated/prisma/client.ts";
import { PROVISION } from "./provisionJob.ts";

/**
 * Adds the job of every Deployment that is to run, and of everything that is to be removed, of one cluster if given. Returns their
 * number. A job that waits already is due at once.
 */
export async function addAllJobs(tx: Pick<Prisma.TransactionClient, "$queryRaw">, clusterId?: string): Promise<number> {
  const cluster = clusterId ?? null;
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT (graphile_worker.add_job(${PROVISION}::text, json_build_object('deploymentId', id, 'change', 'resync'),
      job_key => 'deployment:' || id, queue_name => 'deployment:' || id)).id::text
    FROM (
      SELECT id FROM "Deployment" WHERE "deletedAt" IS NULL AND ("clusterId" = ${cluster} OR ${cluster}::text IS NULL)
      UNION SELECT p.id FROM "Provision" p LEFT JOIN "Deployment" d ON d.id = p.id
        WHERE (p."removedAt" IS NULL AND d."deletedAt" IS NOT NULL OR d.id IS NULL)
          AND (p."clusterId" = ${cluster} OR ${cluster}::text IS NULL)
    ) ids`;
  return rows.length;
}

import { inBatches } from "../../platform/jobs/inBatches.ts";
import { daysAgo, type ScheduledJob } from "../../platform/jobs/scheduledJob.ts";

/** Rows per statement. */
const BATCH = 1_000;

/** Removes audit entries of clusters older than `cleanupClusterAudits.olderThan` days. */
export const cleanupClusterAudits: ScheduledJob = {
  name: "cleanupClusterAudits",
  counts: "Removed audit entries of clusters",
  run(services, _author, signal) {
    const before = daysAgo(services, services.config.cleanupClusterAudits.olderThan);
    const remove = (size: number) => services.db.$executeRaw`
      DELETE FROM "AuditEntry" WHERE id = ANY(ARRAY(
        SELECT id FROM "AuditEntry" WHERE "entityType" = 'Cluster' AND "createdAt" < ${before}
        ORDER BY "createdAt", id LIMIT ${size} FOR UPDATE SKIP LOCKED))`;
    return inBatches(remove, { size: BATCH, signal });
  },
};

import { cleanupJob } from "../../platform/jobs/cleanupJob.ts";

/** Removes old audit entries of clusters. */
export const cleanupClusterAudits = cleanupJob({
  name: "cleanupClusterAudits",
  counts: "Removed audit entries of clusters",
  size: 1_000,
  remove: ({ db }, { before, size }) => db.$executeRaw`
    DELETE FROM "AuditEntry" WHERE id = ANY(ARRAY(
      SELECT id FROM "AuditEntry" WHERE "entityType" = 'Cluster' AND "createdAt" < ${before}
      ORDER BY "createdAt", id LIMIT ${size} FOR UPDATE SKIP LOCKED))`,
});

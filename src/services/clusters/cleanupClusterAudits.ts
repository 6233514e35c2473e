import { removeEntries } from "../../platform/audit/removeEntries.ts";
import { cleanupJob } from "../../platform/jobs/cleanupJob.ts";

/** Removes old audit entries of clusters. The hash chain keeps their seals, and an entry names their positions. */
export const cleanupClusterAudits = cleanupJob({
  name: "cleanupClusterAudits",
  counts: "Removed audit entries of clusters",
  size: 1_000,
  remove: ({ db }, { before, size, author }) =>
    removeEntries(
      { db, author, action: "cleanupClusterAudits" },
      (tx) => tx.$queryRaw<{ id: string }[]>`SELECT id FROM "AuditEntry"
        WHERE "entityType" = 'Cluster' AND "createdAt" < ${before} ORDER BY "createdAt", id LIMIT ${size}`,
    ),
});

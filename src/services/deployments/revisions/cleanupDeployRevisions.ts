import { inBatches } from "../../../platform/jobs/inBatches.ts";
import { daysAgo, type ScheduledJob } from "../../../platform/jobs/scheduledJob.ts";

/** Rows per statement. */
const BATCH = 1_000;

/**
 * Removes deploy revisions older than `cleanupDeployRevisions.olderThan` days, except for the newest of each Deployment:
 * it describes the image that is still in service.
 */
export const cleanupDeployRevisions: ScheduledJob = {
  name: "cleanupDeployRevisions",
  counts: "Removed deploy revisions",
  run(services, _author, signal) {
    const before = daysAgo(services, services.config.cleanupDeployRevisions.olderThan);
    const remove = (size: number) => services.db.$executeRaw`
      DELETE FROM "DeployRevision" WHERE id = ANY(ARRAY(
        SELECT r.id FROM "DeployRevision" r WHERE r."createdAt" < ${before} AND EXISTS (
          SELECT 1 FROM "DeployRevision" n
          WHERE n."deploymentId" = r."deploymentId" AND (n."createdAt", n.id) > (r."createdAt", r.id)
        ) ORDER BY r."createdAt", r.id LIMIT ${size} FOR UPDATE OF r SKIP LOCKED))`;
    return inBatches(remove, { size: BATCH, signal });
  },
};

import { cleanupJob } from "../../../platform/jobs/cleanupJob.ts";

/**
 * Removes old deploy revisions, except for the newest of each Deployment: it describes the image that is still in
 * service.
 */
export const cleanupDeployRevisions = cleanupJob({
  name: "cleanupDeployRevisions",
  counts: "Removed deploy revisions",
  size: 1_000,
  remove: ({ db }, { before, size }) => db.$executeRaw`
    DELETE FROM "DeployRevision" WHERE id = ANY(ARRAY(
      SELECT r.id FROM "DeployRevision" r WHERE r."createdAt" < ${before} AND EXISTS (
        SELECT 1 FROM "DeployRevision" n
        WHERE n."deploymentId" = r."deploymentId" AND (n."createdAt", n.id) > (r."createdAt", r.id)
      ) ORDER BY r."createdAt", r.id LIMIT ${size} FOR UPDATE OF r SKIP LOCKED))`,
});

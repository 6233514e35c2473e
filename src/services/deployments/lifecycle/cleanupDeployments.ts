import type { Deployment } from "../../../generated/prisma/client.ts";
import { inBatches } from "../../../platform/jobs/inBatches.ts";
import { daysAgo, type ScheduledJob } from "../../../platform/jobs/scheduledJob.ts";
import { removeDeployment } from "../changes/removeDeployment.ts";

/** Few, because everything that belongs to a Deployment is removed with it. */
const BATCH = 50;

/** Removes Deployments for good that were soft-deleted `cleanupDeployments.olderThan` days ago; frees their names. */
export const cleanupDeployments: ScheduledJob = {
  name: "cleanupDeployments",
  counts: "Removed Deployments",
  run(services, author, signal) {
    const before = daysAgo(services, services.config.cleanupDeployments.olderThan);
    const remove = (size: number) =>
      services.db.$transaction(async (tx) => {
        const rows = await tx.$queryRaw<Deployment[]>`
          SELECT id, "workspaceId", label, "releaseName", namespace FROM "Deployment" WHERE "deletedAt" < ${before}
          ORDER BY "deletedAt", id LIMIT ${size} FOR UPDATE SKIP LOCKED`;
        for (const row of rows) await removeDeployment(author, tx, row, "cleanupDeployments");
        return rows.length;
      });
    return inBatches(remove, { size: BATCH, signal });
  },
};

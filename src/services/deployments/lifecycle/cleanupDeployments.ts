import type { Deployment } from "../../../generated/prisma/client.ts";
import { cleanupJob } from "../../../platform/jobs/cleanupJob.ts";
import { removeDeployment } from "../changes/removeDeployment.ts";

/** Removes Deployments for good that were soft-deleted long ago, and frees their release names. */
export const cleanupDeployments = cleanupJob({
  name: "cleanupDeployments",
  counts: "Removed Deployments",
  // Few, because everything that belongs to a Deployment is removed with it.
  size: 50,
  remove: ({ db }, { before, size, author }) =>
    db.$transaction(async (tx) => {
      const rows = await tx.$queryRaw<Deployment[]>`
        SELECT id, "workspaceId", label, "releaseName", namespace FROM "Deployment" WHERE "deletedAt" < ${before}
        ORDER BY "deletedAt", id LIMIT ${size} FOR UPDATE SKIP LOCKED`;
      for (const row of rows) await removeDeployment(author, tx, row, "cleanupDeployments");
      return rows.length;
    }),
});

import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { addJob } from "../../platform/jobs/addJob.ts";
import { PROVISION, queuedAs } from "./jobs/provisionJob.ts";

const Input = z.object({ releaseName: z.string("must be a release name") });

/**
 * Makes the cluster look like a Deployment again, now, and tells Flux to try again even if it has given up; for a deleted
 * Deployment, tries to remove what is left. Throws FEATURE_DISABLED without a provisioner, NOT_FOUND if nothing of this
 * name runs or is left on a cluster.
 */
export async function reconcileDeployment(ctx: Context, input: unknown): Promise<boolean> {
  const { releaseName } = parse(Input, input);
  if (ctx.config.provisioner === "none")
    throw new AppError("FEATURE_DISABLED", "reconcileDeployment: provisioner is none on this platform");
  await ctx.db.$transaction(async (tx) => {
    const [row] = await tx.$queryRaw<{ id: string; workspaceId: string | null }[]>`
      SELECT p.id, d."workspaceId" FROM "Provision" p LEFT JOIN "Deployment" d ON d.id = p.id
      WHERE p."releaseName" = ${releaseName}
      UNION ALL SELECT id, "workspaceId" FROM "Deployment" WHERE "releaseName" = ${releaseName} AND "deletedAt" IS NULL
      LIMIT 1`;
    if (!row) throw new AppError("NOT_FOUND", "releaseName: nothing of this name is on a cluster", "releaseName");
    const { id, workspaceId } = row;
    // Its work is part of this one, and running later it would end the correction of drift.
    await tx.$executeRaw`SELECT graphile_worker.remove_job(${queuedAs(id).jobKey})`;
    await addJob(tx, PROVISION, { deploymentId: id, change: "retry" }, queuedAs(id, "retry"));
    await recordAudit(ctx, tx, {
      action: "reconcileDeployment",
      entityType: "Deployment",
      entityId: id,
      workspaceId,
      detail: { releaseName },
    });
  });
  return true;
}

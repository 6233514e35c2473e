import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { clusterNotFound } from "./cluster.ts";

const Input = z.object({ id: IdOf, organizationId: z.string().optional() });

/**
 * Removes a cluster. Throws CONFLICT while Deployments run on it, BAD_USER_INPUT for the default cluster, which cannot
 * be removed. Records of deleted Deployments are moved to the default cluster. With `organizationId`, it must belong to
 * that Organization, and the default cluster is a CONFLICT.
 */
export async function deregisterCluster(ctx: Context, input: unknown): Promise<void> {
  const { id, organizationId } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    // A concurrent createDeployment on this cluster waits, and then fails because the cluster is unknown.
    const [cluster] = await tx.$queryRaw<{ name: string; isDefault: boolean; organizationId: string }[]>`
      SELECT name, "isDefault", "organizationId" FROM "Cluster" WHERE id = ${id} FOR UPDATE`;
    if (!cluster || cluster.organizationId !== (organizationId ?? cluster.organizationId)) throw clusterNotFound("id");
    if (cluster.isDefault) {
      const message = "the default cluster cannot be removed";
      // Only the Platform API has a status for a row that is in no state for a request.
      throw organizationId === undefined ? badInput("id", message) : new AppError("CONFLICT", `id: ${message}`, "id");
    }
    const running = await tx.deployment.count({ where: { clusterId: id, deletedAt: null } });
    if (running > 0)
      throw new AppError(
        "CONFLICT",
        `id: the cluster still has ${running} Deployment${running === 1 ? "" : "s"}`,
        "id",
      );
    await tx.$executeRaw`
      UPDATE "Deployment" SET "clusterId" = (SELECT c.id FROM "Cluster" c WHERE c."isDefault") WHERE "clusterId" = ${id}`;
    await tx.cluster.delete({ where: { id }, select: { id: true } });
    const { name } = cluster;
    await recordAudit(ctx, tx, { action: "deregisterCluster", entityType: "Cluster", entityId: id, detail: { name } });
  });
}

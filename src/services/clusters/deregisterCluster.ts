import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { clusterNotFound } from "./cluster.ts";

const Input = z.object({ id: IdOf, organizationId: z.string().optional() });

/**
 * Removes a cluster. Throws CONFLICT while Deployments run on it, or releases of deleted ones are still to be removed from
 * it; BAD_USER_INPUT for the default cluster, which cannot be removed. Records of deleted Deployments are moved to the
 * default cluster; what is kept of them on this one, such as the Secret of the database, stays there. With
 * `organizationId`, it must belong to that Organization, and the default cluster is a CONFLICT.
 */
export async function deregisterCluster(ctx: Context, input: unknown): Promise<void> {
  const { id, organizationId } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    // A concurrent createDeployment on this cluster waits, and then fails because the cluster is unknown.
    const [cluster] = await tx.$queryRaw<Locked[]>`
      SELECT name, "isDefault", "organizationId", kubeconfig IS NOT NULL AS "hasKubeconfig" FROM "Cluster" WHERE id = ${id} FOR UPDATE`;
    if (!cluster || cluster.organizationId !== (organizationId ?? cluster.organizationId)) throw clusterNotFound("id");
    if (cluster.isDefault) {
      const message = "the default cluster cannot be removed";
      // Only the Platform API has a status for a row that is in no state for a request.
      throw organizationId === undefined ? badInput("id", message) : new AppError("CONFLICT", `id: ${message}`, "id");
    }
    const running = await tx.deployment.count({ where: { clusterId: id, deletedAt: null } });
    const conflict = (what: string) => new AppError("CONFLICT", `id: the cluster still has ${what}`, "id");
    if (running > 0) throw conflict(`${running} Deployment${running === 1 ? "" : "s"}`);
    // Without a connection, nothing is ever removed from it.
    const isConnected = cluster.hasKubeconfig && ctx.config.provisioner !== "none";
    const leaving = isConnected ? await tx.provision.count({ where: { clusterId: id, removedAt: null } }) : 0;
    if (leaving > 0) {
      throw conflict(
        `the release${leaving === 1 ? " of a deleted Deployment" : `s of ${leaving} deleted Deployments`}`,
      );
    }
    // Their keys and databases are needed to restore them, and to remove them for good. Nothing of them is on that cluster.
    const theDefault = Prisma.sql`(SELECT c.id FROM "Cluster" c WHERE c."isDefault")`;
    await tx.$executeRaw`UPDATE "Deployment" SET "clusterId" = ${theDefault} WHERE "clusterId" = ${id}`;
    await tx.$executeRaw`UPDATE "Provision" SET "clusterId" = ${theDefault}, "appliedRevision" = 0, "ownsNamespace" = false
      WHERE "clusterId" = ${id}`;
    await tx.cluster.delete({ where: { id }, select: { id: true } });
    const { name } = cluster;
    await recordAudit(ctx, tx, { action: "deregisterCluster", entityType: "Cluster", entityId: id, detail: { name } });
  });
}

interface Locked {
  name: string;
  isDefault: boolean;
  organizationId: string;
  hasKubeconfig: boolean;
}

import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { actorOf, recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { mergeOverride } from "../deployments/configuration/mergeOverride.ts";
import { assertOverride } from "../deployments/configuration/overrideInput.ts";
import { ClusterName, ClusterOverride, clusterNameConflict, MetadataUrl } from "./clusterInput.ts";

const Input = z.object({ name: ClusterName, metadataUrl: MetadataUrl, deploymentsConfigOverride: ClusterOverride });

/**
 * Registers a cluster, which Deployments can use immediately. Throws BAD_USER_INPUT for a URL that is not http or https
 * and for settings that are unknown or not allowed, CONFLICT for a name that is already in use.
 */
export async function registerCluster(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { name, metadataUrl, deploymentsConfigOverride: override = {} } = parse(Input, input);
  assertOverride(ctx, override, { cluster: true });
  return ctx.db
    .$transaction(async (tx) => {
      const config = mergeOverride({}, override) as Prisma.InputJsonObject;
      const data = { name, metadataUrl, config, createdBy: actorOf(ctx), updatedBy: actorOf(ctx) };
      const { id } = await tx.cluster.create({ data, select: { id: true } });
      await recordAudit(ctx, tx, {
        action: "registerCluster",
        entityType: "Cluster",
        entityId: id,
        detail: { name, metadataUrl, settings: Object.keys(override) },
      });
      return { id };
    })
    .catch(clusterNameConflict(name));
}

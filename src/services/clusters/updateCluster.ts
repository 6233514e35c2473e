import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, optional } from "../../platform/input/input.ts";
import { assertOverride } from "../deployments/configuration/overrideInput.ts";
import { clusterNotFound } from "./cluster.ts";
import { ClusterName, ClusterOverride, clusterNameConflict } from "./clusterInput.ts";

const Input = z.object({
  id: IdOf,
  name: optional(ClusterName),
  status: optional(z.enum(["ACTIVE", "INACTIVE"], "must be ACTIVE or INACTIVE")),
  statusReason: z.json().optional(),
  deploymentsConfigOverride: ClusterOverride,
});

/**
 * Changes the given properties of a cluster: an override replaces the stored one, a null `statusReason` clears it. Throws
 * NOT_FOUND for an unknown cluster, CONFLICT for a name that is already in use, BAD_USER_INPUT like registerCluster.
 */
export async function updateCluster(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { id, name, status, statusReason, deploymentsConfigOverride: override } = parse(Input, input);
  if (override) assertOverride(ctx, override);
  const data: Prisma.ClusterUpdateInput = {
    ...(name === undefined ? {} : { name }),
    ...(status === undefined ? {} : { status }),
    ...(statusReason === undefined ? {} : { statusReason: statusReason ?? Prisma.DbNull }),
    ...(override === undefined ? {} : { config: override as Prisma.InputJsonObject }),
  };
  return ctx.db
    .$transaction(async (tx) => {
      await tx.cluster.update({ where: { id }, data, select: { id: true } });
      await recordAudit(ctx, tx, {
        action: "updateCluster",
        entityType: "Cluster",
        entityId: id,
        detail: {
          changed: Object.keys(data),
          ...(name === undefined ? {} : { name }),
          ...(status === undefined ? {} : { status }),
          ...(override === undefined ? {} : { settings: Object.keys(override) }),
        },
      });
      return { id };
    })
    .catch((thrown) => {
      if (asAppError(thrown)?.code === "NOT_FOUND") throw clusterNotFound("id");
      return clusterNameConflict(name)(thrown);
    });
}

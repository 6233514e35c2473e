import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { type Cluster, Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, optional } from "../../platform/input/input.ts";
import type { Override } from "../deployments/configuration/configLayers.ts";
import { mergeOverride } from "../deployments/configuration/mergeOverride.ts";
import { assertOverride } from "../deployments/configuration/overrideInput.ts";
import { clusterNotFound } from "./cluster.ts";
import { ClusterName, ClusterOverride, clusterNameConflict, Kubeconfig } from "./clusterInput.ts";
import { connectionChange } from "./connectionChange.ts";
import { applyPlatformChanges, type PlatformChanges } from "./platformChanges.ts";
import { isByDataPlane } from "./storeMetadata.ts";

const Input = z.object({
  id: IdOf,
  name: optional(ClusterName),
  status: optional(z.enum(["ACTIVE", "INACTIVE"], "must be ACTIVE or INACTIVE")),
  statusReason: z.json().optional(),
  deploymentsConfigOverride: ClusterOverride,
  kubeconfig: Kubeconfig,
  organizationId: z.string().optional(),
  platform: z.custom<PlatformChanges>().optional(),
});

/** Clients compare this text exactly. */
const NOT_ACTIVE = "This operation is not allowed as the cluster is not active";

/**
 * Changes the given properties of a cluster: an override is merged into the stored one, a null `statusReason` clears it,
 * and so does ACTIVE if it is the data plane's. Throws NOT_FOUND for an unknown cluster, CONFLICT for a name that is
 * already in use, and for a change of name or override of an INACTIVE cluster that the same update does not make ACTIVE;
 * BAD_USER_INPUT like registerCluster, and for the `kubeconfig` of another Kubernetes cluster than before while objects of
 * Deployments are there. A null `kubeconfig` ends the connection, which is a CONFLICT while Deployments are there, or
 * while a cluster that answers still has the releases of deleted ones. With `organizationId`, it must belong to that
 * Organization; `platform` changes what only the Platform API has.
 */
export async function updateCluster(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { id, organizationId, name, status, ...given } = parse(Input, input);
  const { deploymentsConfigOverride: override, kubeconfig, platform } = given;
  // Kubernetes takes too long for a transaction.
  const connection = kubeconfig === undefined ? undefined : await connectionChange(ctx, id, { kubeconfig, override });
  return ctx.db
    .$transaction(async (tx) => {
      const before = await lockCluster(tx, id, organizationId);
      const stored = before.config as Override;
      if (override) assertOverride(ctx, override, { stored, cluster: true });
      const config = override === undefined ? undefined : mergeOverride(stored, override);
      const changes =
        (name !== undefined && name !== before.name) || (config !== undefined && !isDeepStrictEqual(config, stored));
      if (changes && (status ?? before.status) !== "ACTIVE" && before.status !== "ACTIVE") {
        throw new AppError("CONFLICT", NOT_ACTIVE);
      }
      await connection?.assertPossible(tx, before);
      const outdated = status === "ACTIVE" && isByDataPlane(before.statusReason) ? null : undefined;
      const { statusReason = outdated } = given;
      const data: Prisma.ClusterUpdateInput = {
        ...(name === undefined ? {} : { name }),
        ...(status === undefined ? {} : { status }),
        ...(statusReason === undefined ? {} : { statusReason: statusReason ?? Prisma.DbNull }),
        ...(config === undefined ? {} : { config: config as Prisma.InputJsonObject }),
        ...(connection && { kubeconfig: connection.kubeconfig }),
        ...(platform && { platformApi: await applyPlatformChanges(ctx, tx, before, platform) }),
      };
      const kubernetesId = connection && { kubernetesId: connection.kubernetesId };
      await tx.cluster.update({ where: { id }, data: { ...data, ...kubernetesId }, select: { id: true } });
      await recordAudit(ctx, tx, {
        action: "updateCluster",
        entityType: "Cluster",
        entityId: id,
        detail: {
          changed: [...Object.keys(data), ...Object.keys(platform ?? {})],
          ...(name === undefined ? {} : { name }),
          ...(status === undefined ? {} : { status }),
          ...(override === undefined ? {} : { settings: Object.keys(override) }),
        },
      });
      return { id };
    })
    .catch(clusterNameConflict(name));
}

type Locked = Pick<
  Cluster,
  | "id"
  | "name"
  | "status"
  | "statusReason"
  | "config"
  | "kubernetesId"
  | "organizationId"
  | "cloudProvider"
  | "platformApi"
>;

/** The cluster's row, locked until the transaction ends, so that concurrent updates of different keys both survive. */
async function lockCluster(tx: Prisma.TransactionClient, id: string, organizationId: string | undefined) {
  const [row] = await tx.$queryRaw<Locked[]>`
    SELECT id, name, status::text AS status, "statusReason", config, "kubernetesId", "organizationId", "cloudProvider",
      "platformApi"
    FROM "Cluster" WHERE id = ${id} FOR UPDATE`;
  if (!row || row.organizationId !== (organizationId ?? row.organizationId)) throw clusterNotFound("id");
  return row;
}

import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { type Cluster, Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, optional } from "../../platform/input/input.ts";
import { KubernetesError } from "../../platform/kubernetes/kubernetes.ts";
import type { Override } from "../deployments/configuration/configLayers.ts";
import { mergeOverride } from "../deployments/configuration/mergeOverride.ts";
import { assertOverride } from "../deployments/configuration/overrideInput.ts";
import { kubeconfigSecretOf } from "../provisioning/clusters/connections.ts";
import { kubernetesIdOf } from "../provisioning/clusters/kubernetesIdOf.ts";
import { assertKubeconfig } from "./assertKubeconfig.ts";
import { clusterNotFound } from "./cluster.ts";
import { ClusterName, ClusterOverride, clusterNameConflict, Kubeconfig } from "./clusterInput.ts";
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
  const kubernetesId = kubeconfig
    ? await assertKubeconfig(ctx, kubeconfig, await overrideAfter(ctx, id, override))
    : null;
  const configuredId = kubeconfig ? await configuredIdOf(ctx, id) : null;
  const isLost = kubeconfig === null && !(await answers(ctx, id));
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
      if (kubeconfig === null) await assertUnused(tx, id, isLost);
      if (kubeconfig) await assertSame(tx, id, { before: before.kubernetesId ?? configuredId, now: kubernetesId });
      const outdated = status === "ACTIVE" && isByDataPlane(before.statusReason) ? null : undefined;
      const { statusReason = outdated } = given;
      const data: Prisma.ClusterUpdateInput = {
        ...(name === undefined ? {} : { name }),
        ...(status === undefined ? {} : { status }),
        ...(statusReason === undefined ? {} : { statusReason: statusReason ?? Prisma.DbNull }),
        ...(config === undefined ? {} : { config: config as Prisma.InputJsonObject }),
        ...(kubeconfig === undefined
          ? {}
          : { kubeconfig: kubeconfig && ctx.secrets.seal(kubeconfig, kubeconfigSecretOf(id)) }),
        ...(platform && { platformApi: await applyPlatformChanges(ctx, tx, before, platform) }),
      };
      const place = kubeconfig === undefined ? {} : { kubernetesId };
      await tx.cluster.update({ where: { id }, data: { ...data, ...place }, select: { id: true } });
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
    SELECT id, name, status::text AS status, "statusReason", config, "kubernetesId", "organizationId", "cloudProvider", "platformApi"
    FROM "Cluster" WHERE id = ${id} FOR UPDATE`;
  if (!row || row.organizationId !== (organizationId ?? row.organizationId)) throw clusterNotFound("id");
  return row;
}

/** The override that an update is going to store, for a check that takes too long for a transaction. */
async function overrideAfter({ db }: Context, id: string, override: Override | undefined): Promise<Override> {
  const cluster = await db.cluster.findUnique({ where: { id }, select: { config: true } });
  if (!cluster) throw clusterNotFound("id");
  return mergeOverride(cluster.config as Override, override ?? {});
}

/** The `kubernetesId` of a cluster to which the configuration leads instead of a kubeconfig; null if it does not answer. */
async function configuredIdOf({ db, connections }: Context, id: string): Promise<string | null> {
  if (!(await db.cluster.findUnique({ where: { id, kubeconfig: null }, select: { id: true } }))) return null;
  try {
    const client = await connections.clientFor(id);
    return client ? await kubernetesIdOf(client) : null;
  } catch (error) {
    if (error instanceof KubernetesError) return null;
    throw error;
  }
}

/** Whether a cluster still exists, as far as Houston can tell: one that refuses the credentials does. */
async function answers({ connections }: Context, id: string): Promise<boolean> {
  try {
    await (await connections.clientFor(id))?.version();
    return true;
  } catch (error) {
    return !(error instanceof KubernetesError) || error.status !== undefined;
  }
}

/**
 * Throws CONFLICT while Deployments are on the cluster, and, unless it `isLost`, while releases of deleted ones are: nothing
 * would remove them any more.
 */
async function assertUnused(tx: Prisma.TransactionClient, clusterId: string, isLost: boolean): Promise<void> {
  const count = await tx.deployment.count({ where: { clusterId, deletedAt: null } });
  if (count > 0) {
    const message = `kubeconfig: cannot be removed while the cluster has ${count} Deployment${count === 1 ? "" : "s"}`;
    throw new AppError("CONFLICT", message, "kubeconfig");
  }
  const leaving = isLost ? 0 : await tx.provision.count({ where: { clusterId, removedAt: null } });
  if (leaving === 0) return;
  const message = `kubeconfig: cannot be removed before the releases of deleted Deployments (${leaving}) are`;
  throw new AppError("CONFLICT", message, "kubeconfig");
}

/**
 * Throws BAD_USER_INPUT if a kubeconfig leads to another Kubernetes cluster than before although something was applied there:
 * every release would be created a second time, and nothing would remove the first.
 */
async function assertSame(
  tx: Prisma.TransactionClient,
  clusterId: string,
  { before, now }: { before: string | null; now: string | null },
): Promise<void> {
  if (before === null || now === null || now === before) return;
  const isThere = [{ appliedRevision: { gt: 0 } }, { ownsNamespace: true }];
  const count = await tx.provision.count({ where: { clusterId, OR: isThere } });
  if (count === 0) return;
  const those = `objects of ${count} Deployment${count === 1 ? "" : "s"} are`;
  const message = `belongs to another Kubernetes cluster than before, where ${those}; register it as a cluster of its own`;
  throw badInput("kubeconfig", message);
}

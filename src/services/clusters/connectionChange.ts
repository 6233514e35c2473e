import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { KubernetesError } from "../../platform/kubernetes/kubernetes.ts";
import type { Override } from "../deployments/configuration/configLayers.ts";
import { mergeOverride } from "../deployments/configuration/mergeOverride.ts";
import { kubeconfigSecretOf } from "../provisioning/clusters/connections.ts";
import { kubernetesIdOf } from "../provisioning/clusters/kubernetesIdOf.ts";
import { assertKubeconfig } from "./assertKubeconfig.ts";
import { clusterNotFound } from "./cluster.ts";

/** A new kubeconfig of a cluster, or none, about which Kubernetes has been asked. */
export interface ConnectionChange {
  /** Encrypted; null: the connection ends. */
  kubeconfig: string | null;
  kubernetesId: string | null;
  /** Throws BAD_USER_INPUT or CONFLICT if what Houston has on the cluster, with this locked row, would be left behind. */
  assertPossible(tx: Prisma.TransactionClient, before: { kubernetesId: string | null }): Promise<void>;
}

/**
 * Asks Kubernetes about a change of the kubeconfig of a cluster, whose override changes too if given. Throws NOT_FOUND for an
 * unknown cluster, and what `assertKubeconfig` throws.
 */
export async function connectionChange(
  ctx: Context,
  id: string,
  { kubeconfig, override }: { kubeconfig: string | null; override: Override | undefined },
): Promise<ConnectionChange> {
  if (kubeconfig === null) {
    const isLost = !(await answers(ctx, id));
    return { kubeconfig, kubernetesId: null, assertPossible: (tx) => assertUnused(tx, id, isLost) };
  }
  const kubernetesId = await assertKubeconfig(ctx, kubeconfig, await overrideAfter(ctx, id, override));
  const configuredId = await configuredIdOf(ctx, id);
  return {
    kubeconfig: ctx.secrets.seal(kubeconfig, kubeconfigSecretOf(id)),
    kubernetesId,
    assertPossible: (tx, before) =>
      assertSame(tx, id, { before: before.kubernetesId ?? configuredId, now: kubernetesId }),
  };
}

/** The override that the update is going to store. */
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

import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { actorOf, recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { newId } from "../../platform/secrets/newId.ts";
import { mergeOverride } from "../deployments/configuration/mergeOverride.ts";
import { assertOverride } from "../deployments/configuration/overrideInput.ts";
import { kubeconfigSecretOf } from "../provisioning/clusters/connections.ts";
import { assertKubeconfig } from "./assertKubeconfig.ts";
import { ClusterName, ClusterOverride, clusterNameConflict, Kubeconfig, MetadataUrl } from "./clusterInput.ts";

const Input = z.object({
  name: ClusterName,
  metadataUrl: MetadataUrl,
  deploymentsConfigOverride: ClusterOverride,
  kubeconfig: Kubeconfig,
});

/**
 * Registers a cluster, which Deployments can use immediately. Throws BAD_USER_INPUT for a URL that is not http or https
 * and for settings that are unknown or not allowed, CONFLICT for a name that is already in use, and for a kubeconfig the
 * errors of `assertKubeconfig`.
 */
export async function registerCluster(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { name, metadataUrl, deploymentsConfigOverride: override = {}, kubeconfig } = parse(Input, input);
  assertOverride(ctx, override, { cluster: true });
  const config = mergeOverride({}, override);
  const kubernetesId = kubeconfig ? await assertKubeconfig(ctx, kubeconfig, config) : null;
  const id = newId();
  const sealed = kubeconfig ? { kubeconfig: ctx.secrets.seal(kubeconfig, kubeconfigSecretOf(id)) } : {};
  return ctx.db
    .$transaction(async (tx) => {
      const data = { id, name, metadataUrl, config: config as Prisma.InputJsonObject, kubernetesId, ...sealed };
      const author = actorOf(ctx);
      await tx.cluster.create({ data: { ...data, createdBy: author, updatedBy: author }, select: { id: true } });
      await recordAudit(ctx, tx, {
        action: "registerCluster",
        entityType: "Cluster",
        entityId: id,
        detail: { name, metadataUrl, settings: Object.keys(override), ...(kubeconfig && { connected: true }) },
      });
      return { id };
    })
    .catch(clusterNameConflict(name));
}

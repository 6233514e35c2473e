import type { Context } from "../../access/context.ts";
import { settingName } from "../../platform/config/configTree.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { type Credentials, CredentialsError } from "../../platform/kubernetes/credentials.ts";
import { KubernetesError } from "../../platform/kubernetes/kubernetes.ts";
import { readKubeconfig } from "../../platform/kubernetes/readKubeconfig.ts";
import type { Override } from "../deployments/configuration/configLayers.ts";
import { settingsWith } from "../deployments/configuration/effectiveConfig.ts";
import { clusterUnavailable } from "../provisioning/clusters/clusterUnavailable.ts";
import { clientOf } from "../provisioning/clusters/connections.ts";
import { kubernetesIdOf } from "../provisioning/clusters/kubernetesIdOf.ts";
import { missingAccess } from "../provisioning/clusters/missingAccess.ts";

/**
 * Checks that Houston can work on a cluster with this kubeconfig and these overrides, by asking the cluster. Returns its
 * `Cluster.kubernetesId`. Throws FEATURE_DISABLED while `provisioner` is `none`; BAD_USER_INPUT, naming `kubeconfig`, for
 * one that is not valid, that the cluster does not accept, or without a permission that provisioning needs;
 * CLUSTER_UNAVAILABLE, with the cause, if the cluster does not answer.
 */
export async function assertKubeconfig(
  { config }: Pick<Context, "config">,
  kubeconfig: string,
  override: Override,
): Promise<string | null> {
  if (config.provisioner === "none") {
    const setting = settingName(config, "provisioner");
    throw new AppError("FEATURE_DISABLED", `kubeconfig: ${setting} is none on this platform`, "kubeconfig");
  }
  const client = clientOf(credentialsIn(kubeconfig), config);
  const { preCreatedNamespaces, cleanupAirflowDb } = settingsWith(config.deployments, [override]);
  const namespaces = config.kubernetes.namespaced ? preCreatedNamespaces : undefined;
  try {
    const missing = await missingAccess(client, { namespaces, jobs: cleanupAirflowDb.enabled });
    if (missing.length > 0) throw badInput("kubeconfig", `its user ${missing.join("; ")}`);
    return await kubernetesIdOf(client);
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    if (error.status === 401) throw badInput("kubeconfig", "the cluster does not accept its user");
    throw clusterUnavailable("use this kubeconfig", error.message);
  } finally {
    client.close();
  }
}

/** Files and programs of the server are not for callers to choose. */
function credentialsIn(kubeconfig: string): Credentials {
  try {
    return readKubeconfig(kubeconfig, { files: false });
  } catch (error) {
    if (error instanceof CredentialsError) throw badInput("kubeconfig", error.message);
    throw error;
  }
}

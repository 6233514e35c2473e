import { type KubernetesClient, KubernetesError } from "../../../platform/kubernetes/kubernetes.ts";
import { namespaces } from "../../../platform/kubernetes/resources.ts";

/**
 * What no two Kubernetes clusters have in common, and what stays when the address or the credentials of one change: the UID of
 * its namespace `kube-system`. null if the credentials may not read it. Throws KubernetesError if the cluster does not answer.
 */
export async function kubernetesIdOf(client: KubernetesClient): Promise<string | null> {
  try {
    const namespace = await client.get({ resource: namespaces, name: "kube-system" });
    return namespace?.metadata.uid ?? null;
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 403) return null;
    throw error;
  }
}

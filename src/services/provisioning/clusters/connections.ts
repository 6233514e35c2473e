import type { Services } from "../../../access/context.ts";
import type { ClusterConnections } from "../../../platform/kubernetes/clusterConnections.ts";
import { createKubernetesClient } from "../../../platform/kubernetes/createKubernetesClient.ts";
import { inClusterCredentials, kubeconfigFile } from "../../../platform/kubernetes/credentialSources.ts";
import type { CredentialSource, Credentials } from "../../../platform/kubernetes/credentials.ts";
import type { KubernetesClient } from "../../../platform/kubernetes/kubernetes.ts";
import { readKubeconfig } from "../../../platform/kubernetes/readKubeconfig.ts";

/** The context that the encrypted kubeconfig of a cluster is bound to. */
export const kubeconfigSecretOf = (clusterId: string) => `Cluster:${clusterId}:kubeconfig`;

/** What the logs of API servers show. */
const USER_AGENT = "houston";

/** A client for these credentials only, to try them. Whoever asks for it closes it. */
export const clientOf = (credentials: Credentials, { kubernetes }: Services["config"]): KubernetesClient =>
  connect(() => credentials, kubernetes);

const connect = (source: CredentialSource, { requestTimeout }: Services["config"]["kubernetes"]) =>
  createKubernetesClient(source, { requestTimeout, userAgent: USER_AGENT });

interface Connection {
  /** The encrypted kubeconfig that the client uses; null: the configuration of the default cluster. */
  kubeconfig: string | null;
  client: KubernetesClient;
}

/**
 * Connects to clusters by the kubeconfig in their row, and to the default cluster by `kubernetes.*` or, in a pod, as the
 * `environment` of the process says.
 */
export function createConnections(
  { config, db, secrets }: Pick<Services, "config" | "db" | "secrets">,
  environment: NodeJS.ProcessEnv,
): ClusterConnections {
  const open = new Map<string, Connection>();
  const { kubeconfig: file } = config.kubernetes;

  const sourceOf = (id: string, sealed: string | null): CredentialSource => {
    if (sealed === null) return file === null ? inClusterCredentials(environment) : kubeconfigFile(file);
    const credentials = readKubeconfig(secrets.open(sealed, kubeconfigSecretOf(id)), { files: false });
    return () => credentials;
  };
  const close = (id: string) => {
    open.get(id)?.client.close();
    open.delete(id);
  };

  return {
    async clientFor(id) {
      if (config.provisioner === "none") return undefined;
      const row = await db.cluster.findUnique({ where: { id }, select: { isDefault: true, kubeconfig: true } });
      if (!row || (row.kubeconfig === null && !row.isDefault)) {
        close(id);
        return undefined;
      }
      const { kubeconfig } = row;
      const current = open.get(id);
      if (current?.kubeconfig === kubeconfig) return current.client;
      const client = connect(sourceOf(id, kubeconfig), config.kubernetes);
      // Calls that use the earlier one finish by themselves, or fail and are tried again.
      close(id);
      open.set(id, { kubeconfig, client });
      return client;
    },
    async clusterIds() {
      if (config.provisioner === "none") return [];
      const where = { OR: [{ isDefault: true }, { kubeconfig: { not: null } }] };
      const rows = await db.cluster.findMany({ where, select: { id: true } });
      return rows.map(({ id }) => id);
    },
    stop() {
      for (const id of [...open.keys()]) close(id);
    },
  };
}

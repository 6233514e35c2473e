import type { KubernetesClient } from "./kubernetes.ts";

/** The connections of this process to the Kubernetes API servers of clusters. */
export interface ClusterConnections {
  /**
   * The client of a cluster, which is kept while its kubeconfig stays the same; undefined if Houston has no connection to
   * it, or `provisioner` is `none`. Throws KubernetesError if its credentials are not valid.
   */
  clientFor(clusterId: string): Promise<KubernetesClient | undefined>;
  /** IDs of all clusters with a connection. */
  clusterIds(): Promise<string[]>;
  /** Closes all clients. */
  stop(): void;
}

import type { Config, DeepPartial } from "../../src/platform/config/config.ts";
import type { KubernetesClient } from "../../src/platform/kubernetes/kubernetes.ts";
import { FakeKubernetes } from "./fakeKubernetes.ts";
import { testHouston } from "./houston.ts";

/**
 * Houston with `provisioner: flux`, whose default cluster is a fake one with these namespaces; it has a connection to no
 * other cluster.
 */
export async function onCluster(overrides: DeepPartial<Config> = {}, namespaces: readonly string[] = []) {
  const cluster = new FakeKubernetes({ namespaces });
  const houston = await testHouston({ ...overrides, provisioner: "flux" });
  const { id: clusterId } = await houston.db.cluster.findFirstOrThrow({ where: { isDefault: true } });
  const client: KubernetesClient = cluster.client();
  houston.app.services.connections.clientFor = async (id) => (id === clusterId ? client : undefined);
  return { ...houston, cluster, clusterId };
}

import { describe, expect, it, onTestFinished } from "vitest";
import { helmReleases, namespaces } from "../../src/platform/kubernetes/resources.ts";
import { houstonAccess } from "../support/kubernetesAccess.ts";
import { serveCharts } from "../support/kubernetesCharts.ts";
import { conditionOf, FLUX_NAMESPACE, startKubernetesCluster } from "../support/kubernetesCluster.ts";
import { eventually, houstonOnCluster } from "./houstonOnCluster.ts";

const houston = await houstonOnCluster();
const { cluster, workspaceId, create, remove, reaches, send, nothingLeft } = houston;

const REGISTER = `mutation ($name: String!, $kubeconfig: String) {
  registerCluster(name: $name, metadataUrl: "https://cluster.example.com", kubeconfig: $kubeconfig) { id isConnected }
}`;
const UPSERT = `mutation ($workspace: Uuid, $cluster: Uuid, $label: String) {
  upsertDeployment(workspaceUuid: $workspace, clusterId: $cluster, label: $label) { id releaseName namespace }
}`;

/** Counted, because a retried test needs other names. */
let attempts = 0;

describe("a second cluster", () => {
  it("runs the Deployments that are created on it, and is refused without the rights for that", async () => {
    attempts += 1;
    const clusterName = `Second ${attempts}`;
    const second = await startKubernetesCluster();
    onTestFinished(() => second.stop());
    const charts = await serveCharts(second);
    onTestFinished(() => charts.stop());
    const unable = await houstonAccess(second, { name: "unable", isAllowed: false });
    // A new server takes a while until everyone may ask about their own rights.
    await eventually(async () => {
      const refused = send(REGISTER, { name: clusterName, kubeconfig: unable.kubeconfig });
      await expect(refused).rejects.toThrow(/may not .*create.* helmreleases in any namespace/);
    });
    const access = await houstonAccess(second);
    const { registerCluster } = await send(REGISTER, { name: clusterName, kubeconfig: access.kubeconfig });
    expect(registerCluster.isConnected).toBe(true);
    const variables = { workspace: workspaceId, cluster: registerCluster.id, label: `Elsewhere ${attempts}` };
    const { upsertDeployment: released } = await send(UPSERT, variables);
    await reaches(released, "HEALTHY");
    const { namespace, releaseName: name } = released;
    const ref = { resource: helmReleases, namespace, name };
    expect(conditionOf(await second.client.get(ref), "Ready")).toBe("True");
    expect(await cluster.client.get(ref)).toBeUndefined();
    await second.apiServer.kill();
    const here = await create();
    await reaches(here, "HEALTHY");
    await reaches(released, "UNKNOWN", expect.stringMatching(/^The cluster has been out of reach since /));
    await second.apiServer.start();
    await reaches(released, "HEALTHY");
    await remove(released);
    await remove(here);
    await nothingLeft(here);
    await eventually(async () =>
      expect(await second.client.get({ resource: namespaces, name: namespace })).toBeUndefined(),
    );
  });
});

describe("an Airflow that Flux installed for somebody else", () => {
  it("can be adopted, and is left alone", async () => {
    const { client } = cluster;
    const namespace = "team";
    await client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }, namespaces);
    const sourceRef = { kind: "HelmRepository", name: "apache-airflow", namespace: FLUX_NAMESPACE };
    const spec = {
      ...{ interval: "1m", timeout: "1m", values: { executor: "LocalExecutor", airflowVersion: "2.11.0" } },
      chart: { spec: { chart: "airflow", version: "1.22.0", sourceRef } },
    };
    const release = { apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease" };
    const ref = { resource: helmReleases, namespace, name: "sales" };
    await client.apply({ ...release, metadata: { name: "sales", namespace }, spec }, helmReleases);
    const before = await eventually(async () => {
      const found = await client.get(ref);
      expect(conditionOf(found, "Ready")).toBe("True");
      return found;
    });
    const { rows } = await houston.pool.query(`SELECT id FROM "Cluster" WHERE "isDefault"`);
    const clusterId = rows[0].id;
    const candidates = `query ($clusterId: Uuid!) {
      adoptionCandidates(clusterId: $clusterId) { crName crNamespace executor airflowVersion }
    }`;
    const sales = { crName: "sales", crNamespace: namespace };
    expect(await send(candidates, { clusterId })).toEqual({
      adoptionCandidates: [{ ...sales, executor: "LocalExecutor", airflowVersion: "2.11.0" }],
    });
    const { adoptDeployment: adopted } = await send(
      `mutation ($workspace: Uuid!, $clusterId: Uuid!, $crNamespace: String!, $crName: String!) {
        adoptDeployment(workspaceUuid: $workspace, clusterId: $clusterId, crNamespace: $crNamespace, crName: $crName,
          acceptIncompatibilities: true) { id releaseName namespace }
      }`,
      { workspace: workspaceId, clusterId, ...sales },
    );
    expect(adopted).toMatchObject({ releaseName: "sales", namespace });
    expect(await send(candidates, { clusterId })).toEqual({ adoptionCandidates: [] });
    await remove(adopted);
    await eventually(async () =>
      expect(await send(candidates, { clusterId })).toMatchObject({ adoptionCandidates: [sales] }),
    );
    const after = await client.get(ref);
    expect(after?.metadata).toMatchObject({ uid: before?.metadata.uid, generation: before?.metadata.generation });
    expect(conditionOf(after, "Ready")).toBe("True");
  });
});

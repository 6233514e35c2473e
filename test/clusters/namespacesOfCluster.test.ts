import { describe, expect, it } from "vitest";
import type { FakeKubernetes } from "../support/fakeKubernetes.ts";
import { onCluster } from "../support/onCluster.ts";
import { outcomeOf } from "../support/outcome.ts";

const AVAILABLE = `query ($clusterId: Uuid) { availableNamespaces(clusterId: $clusterId) { name } }`;

const names = ["red", "blue", "green", "default", "kube-system", "astronomer", "team-a"];
const chosen = { manualNamespaceNames: true, preCreatedNamespaces: ["red", "blue", "missing"] };

const listed = await onCluster({ deployments: chosen }, names);
const free = await onCluster({ deployments: { ...chosen, namespaceFreeFormEntry: true } }, names);
const namespaced = await onCluster({ deployments: chosen, kubernetes: { namespaced: true } }, names);

async function available({ as, build }: typeof listed, variables = {}) {
  const { data } = await as(await build.user()).send(AVAILABLE, variables);
  return data.availableNamespaces.map(({ name }: { name: string }) => name);
}

const labelled = (cluster: FakeKubernetes, name: string, labels: Record<string, string>) =>
  cluster.put(
    { group: "", version: "v1", kind: "Namespace", plural: "namespaces", namespaced: false },
    { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } },
  );

describe("availableNamespaces of a cluster with a connection", () => {
  it("returns the listed namespaces that exist", async () => {
    expect(await available(listed)).toEqual(["blue", "red"]);
    await listed.build.deployment({ namespace: "blue" });
    expect(await available(listed)).toEqual(["red"]);
  });

  it("reads the listed ones one by one, also where Houston may not list them", async () => {
    expect(await available(namespaced)).toEqual(["blue", "red"]);
    expect(namespaced.cluster.count("get", "namespaces")).toBe(3);
    expect(namespaced.cluster.count("list")).toBe(0);
  });

  it("returns every namespace that is neither reserved, Houston's, used nor going away, if any may be chosen", async () => {
    labelled(free.cluster, "houston-quiet-comet-1", { "houston/deployment": "cmz1" });
    labelled(free.cluster, "houston-quiet-comet-2", { "app.kubernetes.io/managed-by": "houston" });
    labelled(free.cluster, "labelled", { "app.kubernetes.io/managed-by": "Helm" });
    await free.build.deployment({ namespace: "green" });
    free.cluster.put(
      { group: "", version: "v1", kind: "Namespace", plural: "namespaces", namespaced: false },
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "ending", deletionTimestamp: "2026-11-29T00:00:00Z" } },
    );
    free.cluster.maxPage = 2;
    expect(await available(free)).toEqual(["blue", "labelled", "red", "team-a"]);
  });

  it("returns the configured ones for a cluster without a connection", async () => {
    const { id } = await listed.db.cluster.create({ data: { name: "east", metadataUrl: "https://x" } });
    expect(await available(listed, { clusterId: id })).toEqual(["blue", "missing", "red"]);
  });

  it("reports why the cluster does not answer", async () => {
    free.cluster.refuse();
    const answer = await free.as(await free.build.user()).send(AVAILABLE);
    free.cluster.recover();
    expect(outcomeOf(answer)).toBe("CLUSTER_UNAVAILABLE");
    expect(answer.errors?.[0]?.message).toBe(
      "Houston cannot list the namespaces of the cluster: The Kubernetes API cannot be reached: connect ECONNREFUSED 127.0.0.1:6443",
    );
  });
});

import { describe, expect, it } from "vitest";
import { KubernetesError } from "../../src/platform/kubernetes/kubernetes.ts";
import { helmReleases, secrets } from "../../src/platform/kubernetes/resources.ts";
import { onCluster } from "../support/onCluster.ts";
import { outcomeOf } from "../support/outcome.ts";
import { byFlux, byHelm } from "./installed.ts";

const CANDIDATES = `query ($clusterId: Uuid!) {
  adoptionCandidates(clusterId: $clusterId) { crName crNamespace runtimeVersion airflowVersion executor incompatibilities }
}`;

/** Houston on a new cluster, and a function that reads its candidates. */
async function scene(overrides: Parameters<typeof onCluster>[0] = {}) {
  const houston = await onCluster(overrides, ["team-airflow", "other", "kube-system", "astronomer"]);
  const { as, build, clusterId } = houston;
  const admin = await build.systemAdmin();
  const ask = () => as(admin).send(CANDIDATES, { clusterId });
  return { ...houston, ask, candidates: async () => (await ask()).data.adoptionCandidates };
}

const plain = { runtimeVersion: null, airflowVersion: "2.11.0", executor: "CeleryExecutor", incompatibilities: [] };

describe("adoptionCandidates of a cluster with a connection", () => {
  it("are the Airflows that Flux or Helm alone has installed", async () => {
    const { cluster, candidates } = await scene();
    byFlux(cluster, { name: "sales", values: { executor: "KubernetesExecutor", airflowVersion: "2.10.5" } });
    byHelm(cluster, { name: "ads", namespace: "other", defaults: { executor: "LocalExecutor" } });
    byHelm(cluster, { name: "database", chart: "postgresql" });
    byFlux(cluster, { name: "cache", chart: "redis" });
    expect(await candidates()).toEqual([
      { ...plain, crName: "ads", crNamespace: "other", executor: "LocalExecutor" },
      {
        ...plain,
        crName: "sales",
        crNamespace: "team-airflow",
        executor: "KubernetesExecutor",
        airflowVersion: "2.10.5",
      },
    ]);
  });

  it("are read from the newest version that is deployed", async () => {
    const { cluster, candidates } = await scene();
    byHelm(cluster, { name: "sales", version: 9, status: "superseded" });
    byHelm(cluster, { name: "sales", version: 10, values: { executor: "LocalExecutor" } });
    byHelm(cluster, { name: "sales", version: 11, status: "failed" });
    expect(await candidates()).toEqual([
      { ...plain, crName: "sales", crNamespace: "team-airflow", executor: "LocalExecutor" },
    ]);
  });

  it("have the version of their Runtime image, also in Astronomer's chart", async () => {
    const { cluster, candidates } = await scene();
    const images = { airflow: { repository: "quay.io/astronomer/astro-runtime", tag: "7.2.0-python-3.9-base" } };
    byHelm(cluster, { name: "one", values: { images }, appVersion: "9.9.9" });
    byHelm(cluster, { name: "two", values: { airflow: { images, executor: "LocalExecutor" }, ingress: {} } });
    const runtime = { runtimeVersion: "7.2.0", airflowVersion: "2.5.1", incompatibilities: [] };
    expect(await candidates()).toMatchObject([
      { ...runtime, crName: "one", executor: "CeleryExecutor" },
      { ...runtime, crName: "two", executor: "LocalExecutor" },
    ]);
  });

  it("say what is not supported", async () => {
    const { cluster, clusterId, db, candidates } = await scene();
    const config = { executors: [{ name: "LocalExecutor", enabled: false }] };
    await db.cluster.update({ where: { id: clusterId }, data: { config } });
    byHelm(cluster, { name: "many", values: { executor: "CeleryExecutor,KubernetesExecutor" } });
    byHelm(cluster, { name: "old", values: { executor: "SequentialExecutor", airflowVersion: "1.9.0" } });
    byHelm(cluster, {
      name: "strange",
      values: { executor: "my.own.Executor", airflowVersion: "\u0000" },
      appVersion: "what?",
    });
    expect(await candidates()).toMatchObject([
      {
        executor: "CeleryExecutor",
        incompatibilities: ["executor CeleryExecutor,KubernetesExecutor is shown as CeleryExecutor"],
      },
      {
        executor: "LocalExecutor",
        airflowVersion: "1.9.0",
        incompatibilities: [
          "executor SequentialExecutor is shown as LocalExecutor",
          "executor LocalExecutor is not enabled on this platform",
          "Airflow 1.9.0 is unknown to this platform",
        ],
      },
      {
        executor: "CeleryExecutor",
        airflowVersion: null,
        incompatibilities: ["executor my.own.Executor is shown as CeleryExecutor", "its Airflow version is unknown"],
      },
    ]);
  });

  it("are none that are Deployments, Houston's own, in reserved namespaces, elsewhere or not installed yet", async () => {
    const { cluster, build, db, clusterId, candidates } = await scene();
    const adopted = await build.deployment({
      releaseName: "adopted",
      namespace: "team-airflow",
      adoptedAt: new Date(),
    });
    const leaving = await build.deployment({ releaseName: "leaving", namespace: "other", deletedAt: new Date() });
    const { id, releaseName, namespace } = leaving.deployment;
    await db.provision.create({ data: { id, clusterId, releaseName, namespace } });
    byHelm(cluster, { name: adopted.deployment.releaseName });
    byHelm(cluster, { name: "leaving", namespace: "other" });
    byFlux(cluster, { name: "ours" }, { labels: { "app.kubernetes.io/managed-by": "houston" } });
    cluster.remove({ resource: secrets, namespace: "team-airflow", name: "sh.helm.release.v1.ours.v1" });
    for (const reserved of ["kube-system", "astronomer"]) byHelm(cluster, { name: "system", namespace: reserved });
    byFlux(cluster, { name: "far" }, { spec: { kubeConfig: { secretRef: { name: "there" } } } });
    byFlux(cluster, { name: "failed", status: "failed" });
    byFlux(cluster, { name: "new" }, { status: { history: [] } });
    cluster.remove({ resource: secrets, namespace: "team-airflow", name: "sh.helm.release.v1.new.v1" });
    expect(await candidates()).toEqual([]);
  });

  it("lets only Flux say where a release is", async () => {
    const { cluster, candidates } = await scene();
    byFlux(
      cluster,
      { name: "sales", namespace: "team-airflow" },
      { spec: { releaseName: "victim", targetNamespace: "other", storageNamespace: "other" } },
    );
    byHelm(cluster, { name: "victim", namespace: "other", values: { executor: "LocalExecutor" } });
    expect(await candidates()).toMatchObject([
      { crName: "victim", crNamespace: "other", executor: "LocalExecutor" },
      { crName: "sales", crNamespace: "team-airflow", executor: "CeleryExecutor" },
    ]);
  });

  it("come from the HelmRelease itself if Helm's Secret is no record", async () => {
    const { cluster, candidates } = await scene();
    byFlux(cluster, { name: "sales" }, { spec: { values: { executor: "LocalExecutor" } } });
    const name = "sh.helm.release.v1.sales.v1";
    const ref = { resource: secrets, namespace: "team-airflow", name };
    for (const release of ["", "no base64", Buffer.from("H4sI").toString("base64")]) {
      cluster.change(ref, { data: { release } });
      expect(await candidates()).toMatchObject([{ crName: "sales", executor: "LocalExecutor" }]);
    }
  });

  it("are found without Flux, and those of Flux without the right to list Secrets", async () => {
    const { cluster, ask, candidates } = await scene();
    byFlux(cluster, { name: "sales" });
    byHelm(cluster, { name: "ads", namespace: "other" });
    cluster.before = ({ verb, plural }) => {
      if (verb === "list" && plural === "secrets") throw new KubernetesError("secrets is forbidden", 403, "Forbidden");
    };
    expect(await candidates()).toMatchObject([{ crName: "sales" }]);
    cluster.before = ({ plural }) => {
      if (plural === "helmreleases") throw new KubernetesError("it does not have this kind of objects", 404);
    };
    expect(await candidates()).toMatchObject([{ crName: "ads" }, { crName: "sales" }]);
    cluster.before = ({ plural }) => {
      if (plural === "helmreleases") throw new KubernetesError("helmreleases is forbidden", 403, "Forbidden");
    };
    const answer = await ask();
    expect(answer.errors?.[0]?.message).toBe(
      "Houston cannot list the Airflows that run on it: helmreleases is forbidden",
    );
    expect(outcomeOf(answer)).toBe("CLUSTER_UNAVAILABLE");
  });

  it("are looked for in the listed namespaces only, if Houston works in no others", async () => {
    const { cluster, candidates } = await scene({
      kubernetes: { namespaced: true },
      deployments: { preCreatedNamespaces: ["other"] },
    });
    byFlux(cluster, { name: "sales" });
    byFlux(cluster, { name: "ads", namespace: "other" });
    expect(await candidates()).toMatchObject([{ crName: "ads" }]);
    expect(cluster.requests.filter(({ verb }) => verb === "list").map(({ namespace }) => namespace)).toEqual([
      "other",
      "other",
    ]);
  });

  it("cost no reading of the Secrets of Deployments", async () => {
    const { cluster, build, candidates } = await scene();
    const { deployment } = await build.deployment({ namespace: "other" });
    byHelm(cluster, { name: deployment.releaseName, namespace: "other" });
    cluster.put(helmReleases, {
      apiVersion: "helm.toolkit.fluxcd.io/v2",
      kind: "HelmRelease",
      metadata: {
        name: deployment.releaseName,
        namespace: "other",
        labels: { "app.kubernetes.io/managed-by": "houston" },
      },
    });
    expect(await candidates()).toEqual([]);
    expect(cluster.count("get")).toBe(0);
  });

  it("need a connection to the cluster", async () => {
    const { as, build, db } = await scene();
    const { id } = await db.cluster.create({ data: { name: "east", metadataUrl: "https://x" } });
    const answer = await as(await build.systemAdmin()).send(CANDIDATES, { clusterId: id });
    expect(answer.errors?.[0]?.message).toBe(
      "This platform has no connection to this cluster, so it cannot list the Airflows that run on it",
    );
  });
});

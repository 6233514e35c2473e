import { describe, expect, it } from "vitest";
import { KubernetesError } from "../../src/platform/kubernetes/kubernetes.ts";
import { onCluster } from "../support/onCluster.ts";
import { outcomeOf } from "../support/outcome.ts";
import { byFlux, byHelm } from "./installed.ts";

const houston = await onCluster({}, ["team-airflow", "other", "kube-system"]);
const { app, as, build, cluster, clusterId, db } = houston;

const ADOPT = `mutation ($workspaceUuid: Uuid!, $clusterId: Uuid!, $crNamespace: String!, $crName: String!, $label: String,
  $description: String, $useApcLogging: Boolean, $acceptIncompatibilities: Boolean) {
  adoptDeployment(workspaceUuid: $workspaceUuid, clusterId: $clusterId, crNamespace: $crNamespace, crName: $crName,
    label: $label, description: $description, useApcLogging: $useApcLogging,
    acceptIncompatibilities: $acceptIncompatibilities) {
    id label description releaseName namespace version airflowVersion desiredAirflowVersion runtimeVersion executor status
    isAdopted adoptionLoggingManagedByApc cluster { id } roleBindings { role user { id } }
  }
}`;

let releases = 0;
const fresh = () => `sales-${releases++}`;
const messageOf = ({ errors }: { errors?: { message: string }[] }) => errors?.map(({ message }) => message).join();

/** A new Workspace, and a function that adopts into it. */
async function scene() {
  const { workspace, admin } = await build.workspace();
  const given = { workspaceUuid: workspace.id, clusterId, crNamespace: "team-airflow" };
  return {
    workspace,
    admin,
    adopt: (more: { crName: string; [name: string]: unknown }) => as(admin).send(ADOPT, { ...given, ...more }),
  };
}

const rowsOf = ({ id: workspaceId }: { id: string }) => db.deployment.findMany({ where: { workspaceId } });

describe("adoptDeployment from a cluster", () => {
  it("stores what runs as a Deployment of the caller, and changes nothing on the cluster", async () => {
    const { admin, adopt } = await scene();
    const crName = fresh();
    byFlux(cluster, { name: crName, chartVersion: "1.16.0", values: { executor: "KubernetesExecutor" } });
    const before = cluster.requests.length;
    const { data } = await adopt({ crName, label: "Sales", description: "Of the team", useApcLogging: true });
    const { id, ...shown } = data.adoptDeployment;
    expect(shown).toEqual({
      label: "Sales",
      description: "Of the team",
      releaseName: crName,
      namespace: "team-airflow",
      version: "1.16.0",
      airflowVersion: "2.11.0",
      desiredAirflowVersion: "2.11.0",
      runtimeVersion: null,
      executor: "KubernetesExecutor",
      status: "UNKNOWN",
      isAdopted: true,
      adoptionLoggingManagedByApc: true,
      cluster: { id: clusterId },
      roleBindings: [{ role: "DEPLOYMENT_ADMIN", user: { id: admin.id } }],
    });
    const row = await db.deployment.findUniqueOrThrow({ where: { id } });
    const adoption = {
      kind: "HelmRelease",
      crName,
      crNamespace: "team-airflow",
      incompatibilities: [],
      useApcLogging: true,
      useApcMetrics: false,
      useApcRegistry: false,
    };
    expect(row).toMatchObject({ adoption, createdBy: `user:${admin.id}`, config: { executor: "KubernetesExecutor" } });
    expect(row.adoptedAt).not.toBeNull();
    expect(await db.auditEntry.findFirstOrThrow({ where: { entityId: id } })).toMatchObject({
      action: "adoptDeployment",
      detail: { label: "Sales", releaseName: crName, executor: "KubernetesExecutor", adoption },
    });
    expect(new Set(cluster.requests.slice(before).map(({ verb }) => verb))).toEqual(new Set(["get"]));
    expect(await db.provision.count({ where: { id } })).toBe(0);
  });

  it("adopts a release of Helm alone, named after it", async () => {
    const { adopt } = await scene();
    const crName = fresh();
    const images = { airflow: { repository: "quay.io/astronomer/astro-runtime", tag: "7.2.0" } };
    byHelm(cluster, { name: crName, values: { images } });
    const { data } = await adopt({ crName });
    expect(data.adoptDeployment).toMatchObject({ label: crName, runtimeVersion: "7.2.0", executor: "CeleryExecutor" });
    const { id } = data.adoptDeployment;
    const row = await db.deployment.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({ airflowVersion: "2.5.1", adoption: { kind: "Helm" } });
  });

  it("takes name and namespace of the release from what Flux has installed", async () => {
    const { adopt } = await scene();
    const crName = fresh();
    const last = { name: `${crName}-real`, namespace: "other", version: 3, status: "deployed" };
    const chart = { chartName: "airflow", chartVersion: "1.16.0", appVersion: "2.11.0" };
    byFlux(cluster, { name: crName }, { status: { history: [{ ...last, ...chart }] } });
    const { data } = await adopt({ crName });
    expect(data.adoptDeployment).toMatchObject({ label: crName, releaseName: `${crName}-real`, namespace: "other" });
  });

  it("wants incompatibilities to be accepted", async () => {
    const { workspace, adopt } = await scene();
    const crName = fresh();
    byHelm(cluster, { name: crName, values: { executor: "SequentialExecutor" } });
    for (const acceptIncompatibilities of [undefined, null, false]) {
      const answer = await adopt({ crName, acceptIncompatibilities });
      expect(outcomeOf(answer)).toBe("BAD_USER_INPUT acceptIncompatibilities");
      expect(messageOf(answer)).toBe(
        "acceptIncompatibilities: must be true to adopt it: executor SequentialExecutor is shown as LocalExecutor",
      );
    }
    expect(await rowsOf(workspace)).toEqual([]);
    const { data } = await adopt({ crName, acceptIncompatibilities: true });
    expect(data.adoptDeployment.executor).toBe("LocalExecutor");
  });

  it("rejects what is not installed there, or no Airflow", async () => {
    const { workspace, adopt } = await scene();
    byHelm(cluster, { name: "database", chart: "postgresql" });
    byFlux(cluster, { name: "cache", chart: "redis" });
    byFlux(cluster, { name: "new" }, { status: { history: [] } });
    byHelm(cluster, { name: "elsewhere", namespace: "other" });
    for (const crName of ["nothing", "database", "cache", "new", "elsewhere"]) {
      const answer = await adopt({ crName });
      expect(outcomeOf(answer)).toBe("NOT_FOUND crName");
    }
    expect(await rowsOf(workspace)).toEqual([]);
  });

  it("rejects a release in a reserved namespace, wherever its HelmRelease is", async () => {
    const { adopt } = await scene();
    const crName = fresh();
    const last = { name: crName, namespace: "kube-system", version: 1, status: "deployed" };
    const chart = { chartName: "airflow", chartVersion: "1.16.0" };
    byFlux(cluster, { name: crName }, { status: { history: [{ ...last, ...chart }] } });
    expect(outcomeOf(await adopt({ crName }))).toBe("BAD_USER_INPUT crNamespace");
  });

  it("rejects a release or a label that is in use", async () => {
    const { workspace, adopt } = await scene();
    const [crName, other] = [fresh(), fresh()];
    byHelm(cluster, { name: crName });
    byHelm(cluster, { name: other });
    await adopt({ crName, label: "Sales" });
    expect(outcomeOf(await adopt({ crName, label: "Again" }))).toBe("CONFLICT crName");
    expect(outcomeOf(await adopt({ crName: other, label: "Sales" }))).toBe("CONFLICT label");
    expect(await rowsOf(workspace)).toHaveLength(1);
    expect(outcomeOf(await adopt({ crName: other, label: "Ads" }))).toBe("ok");
  });

  it("adopts once if several adopt it at the same time", async () => {
    const { workspace, adopt } = await scene();
    const crName = fresh();
    byHelm(cluster, { name: crName });
    const answers = await Promise.all([1, 2, 3].map((n) => adopt({ crName, label: `Sales ${n}` })));
    expect(answers.map(outcomeOf).sort()).toEqual(["CONFLICT crName", "CONFLICT crName", "ok"]);
    expect(await rowsOf(workspace)).toHaveLength(1);
  });

  it("rejects a release in a namespace that goes away with another Deployment", async () => {
    const { adopt } = await scene();
    const crName = fresh();
    const { deployment } = await build.deployment({ namespace: "other" });
    const { id, releaseName } = deployment;
    const provision = { id, clusterId, releaseName, namespace: "other", ownsNamespace: true };
    await db.provision.create({ data: provision });
    byHelm(cluster, { name: crName, namespace: "other" });
    expect(outcomeOf(await adopt({ crName, crNamespace: "other" }))).toBe("CONFLICT crNamespace");
    await db.provision.delete({ where: { id } });
    expect(outcomeOf(await adopt({ crName, crNamespace: "other" }))).toBe("ok");
  });

  it("rejects clusters that are limited to other Workspaces, or not connected", async () => {
    const { adopt } = await scene();
    const crName = fresh();
    byHelm(cluster, { name: crName });
    const limited = { name: "limited", metadataUrl: "https://x", platformApi: { workspaceIds: ["another"] } };
    const { id } = await db.cluster.create({ data: limited });
    expect(outcomeOf(await adopt({ crName, clusterId: id }))).toBe("BAD_USER_INPUT clusterId");
    await db.cluster.update({ where: { id }, data: { platformApi: {} } });
    const answer = await adopt({ crName, clusterId: id });
    expect(outcomeOf(answer)).toBe("CLUSTER_UNAVAILABLE");
    expect(messageOf(answer)).toBe(
      "This platform has no connection to this cluster, so it cannot inspect the Airflow to adopt",
    );
  });

  it("reports why the cluster does not answer", async () => {
    const { adopt } = await scene();
    cluster.before = ({ verb }) => {
      if (verb === "list") throw new KubernetesError("secrets is forbidden", 403, "Forbidden");
    };
    const answer = await adopt({ crName: "nothing" });
    cluster.before = () => {};
    expect(outcomeOf(answer)).toBe("CLUSTER_UNAVAILABLE");
    expect(messageOf(answer)).toBe("Houston cannot inspect the Airflow to adopt: secrets is forbidden");
  });

  it("tells the provisioner, which leaves it alone", async () => {
    const { adopt } = await scene();
    const crName = fresh();
    byFlux(cluster, { name: crName });
    const { data } = await adopt({ crName });
    const { id } = data.adoptDeployment;
    await expect
      .poll(async () => {
        const sql = "SELECT 1 FROM graphile_worker._private_jobs WHERE key = $1";
        return (await app.services.pool.query(sql, [`deployment:${id}`])).rowCount;
      })
      .toBe(0);
    expect(cluster.count("apply") + cluster.count("patch") + cluster.count("delete")).toBe(0);
    expect((await db.deployment.findUniqueOrThrow({ where: { id } })).statusReason).toBeNull();
  });
});

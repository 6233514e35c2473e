import { describe, expect, it } from "vitest";
import { effectiveDeployments } from "../../src/services/deployments/configuration/effectiveConfig.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, app, build, db } = await testHouston({
  deployments: { maxPodAu: 30, maxExtraAu: 300, upsertDeploymentEnabled: true },
});

const admin = await build.systemAdmin();
const { workspace, editor } = await build.workspace();
const cluster = await db.cluster.create({
  data: { name: "east", metadataUrl: "https://x", config: { maxPodAu: 20, maxExtraAu: 200, sidecars: { cpu: 20 } } },
});
await db.deploymentsConfigOverride.create({
  data: { workspaceId: workspace.id, config: { maxPodAu: 10, sidecars: { memory: 10 } } },
});

const CREATE = `mutation ($workspaceUuid: Uuid, $clusterId: Uuid, $label: String, $executor: ExecutorType, $workers: Workers, $properties: JSON) {
  upsertDeployment(workspaceUuid: $workspaceUuid, clusterId: $clusterId, label: $label, executor: $executor, workers: $workers, properties: $properties) {
    id clusterId cluster { id name } executor config properties
  }
}`;
const UPDATE = `mutation ($deploymentUuid: Uuid!, $workers: Workers, $executor: ExecutorType) {
  updateDeployment(deploymentUuid: $deploymentUuid, workers: $workers, executor: $executor) { id executor }
}`;

let labels = 0;
const create = (given: Record<string, unknown> = {}) =>
  as(editor).send(CREATE, { workspaceUuid: workspace.id, label: `one ${labels++}`, ...given });
const workersOf = (au: number) => ({ resources: { limits: { cpu: au * 100 } } });

describe("effective settings", () => {
  it("are the platform's, overridden by the cluster, the Workspace and the Deployment in this order", async () => {
    const { deployment } = await build.deployment({ workspaceId: workspace.id, clusterId: cluster.id });
    const of = (scope: Parameters<typeof effectiveDeployments>[1]) => effectiveDeployments(app.services, scope);
    await db.deploymentsConfigOverride.create({ data: { deploymentId: deployment.id, config: { maxPodAu: 5 } } });
    const [clusterId, workspaceId, deploymentId] = [cluster.id, workspace.id, deployment.id];
    expect(await of({})).toBe(app.services.config.deployments);
    expect(await of({ clusterId })).toMatchObject({
      maxPodAu: 20,
      maxExtraAu: 200,
      sidecars: { cpu: 20, memory: 200 },
    });
    expect(await of({ workspaceId })).toMatchObject({
      maxPodAu: 10,
      maxExtraAu: 300,
      sidecars: { cpu: 50, memory: 10 },
    });
    const { result, statements } = await countStatements(() => of({ clusterId, workspaceId, deploymentId }));
    expect(result).toMatchObject({ maxPodAu: 5, maxExtraAu: 200, sidecars: { cpu: 20, memory: 10 } });
    expect(statements).toHaveLength(1);
    // The same object again: release files are read once per object.
    expect(await of({ clusterId, workspaceId, deploymentId })).toBe(result);
  });

  it("ignore a stored value that is no longer allowed", async () => {
    const other = await build.workspace();
    await db.deploymentsConfigOverride.create({
      data: { workspaceId: other.workspace.id, config: { maxPodAu: "many", gone: 1, maxExtraAu: 7 } },
    });
    const settings = await effectiveDeployments(app.services, { workspaceId: other.workspace.id });
    expect(settings).toMatchObject({ maxPodAu: 30, maxExtraAu: 7 });
  });

  it("limit what a new Deployment gets on its cluster and in its Workspace", async () => {
    expect(outcomeOf(await create({ workers: workersOf(11) }))).toBe("BAD_USER_INPUT workers.resources.limits.cpu");
    expect(outcomeOf(await create({ workers: workersOf(10), clusterId: "" }))).toBe("ok");
    expect(outcomeOf(await create({ properties: { extra_au: 201 } }))).toBe("ok");
    expect(outcomeOf(await create({ properties: { extra_au: 201 }, clusterId: cluster.id }))).toBe(
      "BAD_USER_INPUT properties.extra_au",
    );
  });

  it("decide about executors and their defaults", async () => {
    const home = await build.workspace();
    const executors = [{ name: "CeleryExecutor", enabled: false }];
    const components = [{ name: "scheduler", au: { default: 3 } }];
    await db.deploymentsConfigOverride.create({
      data: { workspaceId: home.workspace.id, config: { executors, components } },
    });
    const send = (given: object) =>
      as(home.editor).send(CREATE, { workspaceUuid: home.workspace.id, label: `x ${labels++}`, ...given });
    expect(outcomeOf(await send({ executor: "CeleryExecutor" }))).toBe("BAD_USER_INPUT executor");
    const { data } = await send({});
    expect(data.upsertDeployment.executor).toBe("LocalExecutor");
    expect(data.upsertDeployment.config.scheduler.resources.limits).toEqual({ cpu: 300, memory: 3 * 384 });
  });

  it("limit the number of schedulers", async () => {
    const { deployment, viewer } = await build.deployment({ config: { scheduler: { replicas: 2 } } });
    const components = [{ name: "scheduler", replicas: { minimum: 2, default: 2, limit: 3 } }];
    await db.deploymentsConfigOverride.create({
      data: { workspaceId: deployment.workspaceId, config: { components } },
    });
    const document = `query ($id: String!) { deployment(where: { id: $id }) { scheduler { replicas { default minimum limit } } } }`;
    const { data } = await as(viewer).send(document, { id: deployment.id });
    expect(data.deployment.scheduler.replicas).toEqual({ default: 2, minimum: 2, limit: 3 });
  });

  it("limit changes of a Deployment", async () => {
    const { data } = await create();
    const { id } = data.upsertDeployment;
    await db.deploymentsConfigOverride.create({ data: { deploymentId: id, config: { maxPodAu: 12 } } });
    const send = async (au: number) =>
      outcomeOf(await as(admin).send(UPDATE, { deploymentUuid: id, workers: workersOf(au) }));
    expect(await send(12)).toBe("ok");
    expect(await send(13)).toBe("BAD_USER_INPUT workers.resources.limits.cpu");
  });
});

describe("the cluster of a Deployment", () => {
  it("is the requested one or the default, and visible to everyone who may see the Deployment", async () => {
    const { data } = await create({ clusterId: cluster.id });
    expect(data.upsertDeployment).toMatchObject({
      clusterId: cluster.id,
      cluster: { id: cluster.id, name: "east" },
    });
    const { data: other } = await create();
    expect(other.upsertDeployment.cluster.name).toBe("default");
    const all = `query ($clusterId: Uuid) { paginatedDeployments(clusterId: $clusterId) { id } }`;
    const { data: found } = await as(admin).send(all, { clusterId: cluster.id });
    const ids = found.paginatedDeployments.map(({ id }: { id: string }) => id);
    expect(ids).toContain(data.upsertDeployment.id);
    expect(ids).not.toContain(other.upsertDeployment.id);
  });

  it("determines the domain of its Deployments, unless it has none", async () => {
    const { id } = await db.cluster.create({
      data: { name: "far", metadataUrl: "https://x", baseDomain: "far.example.com" },
    });
    const { deployment, viewer } = await build.deployment({ clusterId: id, executor: "LocalExecutor" });
    const document = `query ($id: String!) { deployment(where: { id: $id }) { urls { url } } }`;
    const urls = async () => (await as(viewer).send(document, { id: deployment.id })).data.deployment.urls;
    const under = (domain: string) => [{ url: `https://deployments.${domain}/${deployment.releaseName}/airflow` }];
    expect(await urls()).toEqual(under("far.example.com"));
    await db.cluster.update({ where: { id }, data: { baseDomain: null } });
    expect(await urls()).toEqual(under(app.services.config.helm.baseDomain));
  });

  it("must be known and ACTIVE for a new Deployment", async () => {
    const closed = await db.cluster.create({ data: { name: "old", metadataUrl: "https://x", status: "INACTIVE" } });
    const before = await db.deployment.count();
    expect(outcomeOf(await create({ clusterId: "nowhere" }))).toBe("BAD_USER_INPUT clusterId");
    expect(outcomeOf(await create({ clusterId: closed.id }))).toBe("BAD_USER_INPUT clusterId");
    expect(await db.deployment.count()).toBe(before);
  });

  it("never changes", async () => {
    const { data } = await create();
    const MOVE = `mutation ($deploymentUuid: Uuid, $clusterId: Uuid, $label: String) {
      upsertDeployment(deploymentUuid: $deploymentUuid, clusterId: $clusterId, label: $label) { label clusterId }
    }`;
    const send = (clusterId: string) =>
      as(admin).send(MOVE, { deploymentUuid: data.upsertDeployment.id, clusterId, label: "moved" });
    expect(outcomeOf(await send(cluster.id))).toBe("BAD_USER_INPUT clusterId");
    expect((await send("")).data.upsertDeployment.label).toBe("moved");
    expect((await send("cldefault0000000000000000")).data.upsertDeployment.label).toBe("moved");
  });
});

import { describe, expect, it, vi } from "vitest";
import { testHouston } from "../support/houston.ts";
import { bodyFor, createCalls } from "./clusterCalls.ts";

const { build, db, url } = await testHouston();
const call = createCalls(url);

const admin = await build.systemAdmin();
const { workspace, admin: workspaceAdmin, viewer } = await build.workspace();

const pool = (name: string, given: object = {}) => ({
  name,
  nodeInstanceType: "m5.xlarge",
  maxNodeCount: 20,
  ...given,
});
const created = async (given: object = {}, provider: "AWS" | "AZURE" | "GCP" = "AWS") =>
  (await call(admin).post("/clusters", bodyFor(provider, given))).body;

interface Shown {
  id: string;
  name: string;
}

/** Updates with the required fields unless they are given. */
const update = (cluster: Shown, given: object = {}) =>
  call(admin).post(`/clusters/${cluster.id}`, { name: cluster.name, k8sTags: [], ...given });
const updated = async (cluster: Shown, given: object = {}) => {
  const answer = await update(cluster, given);
  expect(answer).toMatchObject({ status: 200 });
  return answer.body;
};
const problem = async (cluster: Shown, given: object) => {
  const { status, body } = await update(cluster, given);
  return `${status} ${body.message}`;
};

describe("updateCluster", () => {
  it("changes name and tags, and keeps what is not given", async () => {
    const cluster = await created({
      nodePools: [pool("main")],
      workspaceIds: [workspace.id],
      k8sTags: [{ key: "a", value: "b" }],
      providerAccount: "account",
    });
    const name = ` ${cluster.name} renamed `;
    const after = await updated(cluster, { name, k8sTags: [{ key: "team", value: "x" }] });
    expect(after).toEqual({
      ...cluster,
      name: name.trim(),
      tags: [{ key: "team", value: "x" }],
      updatedAt: expect.any(String),
    });
    expect(after.updatedAt > cluster.updatedAt).toBe(true);
    const { providerAccount: _, workspaceIds: _others, ...shown } = after;
    expect((await call(viewer).get(`/clusters/${cluster.id}`)).body).toEqual(shown);
    expect(
      await db.auditEntry.findFirstOrThrow({ where: { entityId: cluster.id, action: "updateCluster" } }),
    ).toMatchObject({ actor: `user:${admin.id}`, detail: { name: name.trim() } });
    expect((await updated(after)).tags).toEqual([]);
  });

  it("stores every other field that is given", async () => {
    const cluster = await created({ type: "HYBRID" }, "GCP");
    const given = {
      dbInstanceType: "db-custom-4-16384",
      drRegion: "us-east4",
      drVpcSubnetRange: "10.0.0.0/22",
      drPodSubnetRange: "10.1.0.0/19",
      drServiceSubnetRange: "10.2.0.0/22",
      drServicePeeringRange: "10.3.0.0/20",
      enableReplicationTimeControl: false,
      isFailedOver: true,
    };
    const after = await updated(cluster, { ...given, enableDr: true, clusterType: "DEDICATED" });
    expect(after).toMatchObject({ ...given, isDrEnabled: true, type: "DEDICATED" });
    expect(await updated(cluster, { enableDr: false, isFailedOver: false })).toMatchObject({
      isDrEnabled: false,
      isFailedOver: false,
      drRegion: "us-east4",
      type: "DEDICATED",
    });
  });

  it("replaces the Workspaces that are given, and keeps one that was deleted since", async () => {
    const { workspace: deleted } = await build.workspace();
    const cluster = await created({ workspaceIds: [workspace.id, deleted.id] });
    await db.workspace.delete({ where: { id: deleted.id } });
    const workspaceIds = [deleted.id];
    expect(await updated(cluster, { workspaceIds })).toMatchObject({ workspaceIds, isLimited: true });
    expect(await updated(cluster, { workspaceIds: [] })).toMatchObject({ workspaceIds: [], isLimited: false });
    expect(await problem(cluster, { workspaceIds })).toBe(
      "400 workspaceIds.0: must be the ID of a Workspace of the Organization",
    );
  });

  it("requires name and k8sTags", async () => {
    const cluster = await created();
    const answer = await call(admin).post(`/clusters/${cluster.id}`, {});
    expect(answer.status).toBe(400);
    expect(answer.body.fieldErrors.map(({ field }: { field: string }) => field)).toEqual(["name", "k8sTags"]);
  });

  it("keeps an option that is not offered any more, but accepts no other such one", async () => {
    const cluster = await created({ nodePools: [pool("main")] });
    const { platformApi } = await db.cluster.findUniqueOrThrow({ where: { id: cluster.id } });
    await db.cluster.update({
      where: { id: cluster.id },
      data: { platformApi: { ...(platformApi as object), dbInstanceType: "old.db", drRegion: "old-region" } },
    });
    const [main] = cluster.nodePools;
    await db.nodePool.update({ where: { id: main.id }, data: { nodeInstanceType: "old.type", maxNodeCount: 500 } });
    const kept = pool("renamed", { id: main.id, nodeInstanceType: "old.type", maxNodeCount: 500 });
    const old = { dbInstanceType: "old.db", drRegion: "old-region", nodePools: [kept] };
    expect((await updated(cluster, old)).nodePools).toMatchObject([kept]);
    expect(await problem(cluster, { dbInstanceType: "older.db" })).toMatch(/^400 dbInstanceType: must be one of /);
    expect(await problem(cluster, { nodePools: [{ ...kept, nodeInstanceType: "older.type" }] })).toMatch(
      /^400 nodePools.0.nodeInstanceType: must be one of /,
    );
    expect(await problem(cluster, { nodePools: [{ ...kept, maxNodeCount: 501 }] })).toBe(
      "400 nodePools.0.maxNodeCount: must be a whole number from 1 to 100",
    );
  });

  it("rejects ranges that overlap with those of the cluster, and ranges that only clusters of GCP have", async () => {
    const cluster = await created();
    expect(await problem(cluster, { drVpcSubnetRange: "172.16.0.0/12" })).toBe(
      "400 drVpcSubnetRange: must not overlap with vpcSubnetRange (172.20.0.0/20)",
    );
    for (const field of ["drPodSubnetRange", "drServicePeeringRange", "drServiceSubnetRange"])
      expect(await problem(cluster, { [field]: "10.0.0.0/16" })).toBe(
        `400 ${field}: must be omitted: a cluster of AWS has none`,
      );
    expect(await problem(cluster, { drRegion: "us-east-1" })).toBe(
      "400 drRegion: must be another region than the cluster's own",
    );
    expect(await problem(cluster, { clusterType: "HYBRID" })).toBe("400 clusterType: must be DEDICATED");
    expect(await problem(cluster, { vpcSubnetRange: "10.0.0.0/16" })).toBe("400 vpcSubnetRange: is not a known field");
  });

  it("answers 412 for a name that another cluster has, and for a new name of an INACTIVE cluster", async () => {
    const [one, other] = [await created(), await created()];
    expect(await problem(one, { name: other.name })).toBe("412 name: is already in use by another cluster");
    await db.cluster.update({ where: { id: one.id }, data: { status: "INACTIVE" } });
    expect(await problem(one, { name: `${one.name} renamed` })).toBe(
      "412 This operation is not allowed as the cluster is not active",
    );
    expect((await update(one, { k8sTags: [{ key: "a" }] })).status).toBe(200);
  });

  it("applies two updates of different fields at the same time", async () => {
    const cluster = await created();
    const tags = [{ key: "a", value: "b" }];
    const answers = await Promise.all([
      update(cluster, { k8sTags: tags, drRegion: "us-west-2" }),
      update(cluster, { k8sTags: tags, workspaceIds: [workspace.id] }),
      update(cluster, { k8sTags: tags, nodePools: [pool("one")] }),
      update(cluster, { k8sTags: tags, dbInstanceType: "db.r5.large" }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await call(admin).get(`/clusters/${cluster.id}`)).body).toMatchObject({
      drRegion: "us-west-2",
      workspaceIds: [workspace.id],
      nodePools: [{ name: "one" }],
      dbInstanceType: "db.r5.large",
    });
  });

  it("gives one of two updates at the same time the name that both want", async () => {
    const [one, other] = [await created(), await created()];
    const name = `${one.name} wanted`;
    const answers = await Promise.all([update(one, { name }), update(other, { name })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  it("answers 401, 403 to whoever may not change clusters, and 404 for one of another Organization", async () => {
    const organization = await db.organization.create({ data: { name: "Other" } });
    const home = await db.workspace.create({ data: { label: "Elsewhere", organizationId: organization.id } });
    const cluster = await created();
    const body = { name: "taken over", k8sTags: [] };
    const path = `/clusters/${cluster.id}`;
    expect(await call(undefined).post(path, body)).toMatchObject({ status: 401 });
    for (const someone of [viewer, workspaceAdmin])
      expect(await call(someone).post(path, body)).toMatchObject({ status: 403 });
    expect(await call(admin, organization.id).post(path, body)).toMatchObject({ status: 404 });
    expect(await call(admin).post("/clusters/unknown", body)).toMatchObject({ status: 404 });
    expect(await problem(cluster, { workspaceIds: [workspace.id, home.id] })).toBe(
      "400 workspaceIds.1: must be the ID of a Workspace of the Organization",
    );
    expect((await call(admin).get(path)).body).toEqual(cluster);
  });
});

describe("the node pools of an updated cluster", () => {
  it("are the list that is given: an ID keeps a row, others are created, the rest is removed", async () => {
    const cluster = await created({ nodePools: [pool("a"), pool("b"), pool("c")] });
    const [a, b] = cluster.nodePools;
    const given = [pool("b2", { id: b.id, maxNodeCount: 5 }), pool("a", { id: a.id }), pool("d")];
    const { nodePools } = await updated(cluster, { nodePools: given });
    expect(nodePools).toMatchObject([
      { ...a, updatedAt: a.updatedAt },
      { id: b.id, name: "b2", maxNodeCount: 5, createdAt: b.createdAt },
      { name: "d", clusterId: cluster.id, isDefault: false },
    ]);
    expect((await updated(cluster, { nodePools: [] })).nodePools).toEqual([]);
  });

  it("may swap names", async () => {
    const cluster = await created({ nodePools: [pool("a"), pool("b")] });
    const [a, b] = cluster.nodePools;
    const { nodePools } = await updated(cluster, { nodePools: [pool("b", { id: a.id }), pool("a", { id: b.id })] });
    expect(nodePools).toMatchObject([
      { id: a.id, name: "b" },
      { id: b.id, name: "a" },
    ]);
  });

  it("keep the rows of names that are sent without an ID, also while Deployments use them", async () => {
    const cluster = await created({ nodePools: [pool("a"), pool("b", { isDefault: true }), pool("c")] });
    const [a, b] = cluster.nodePools;
    const { deployment } = await build.deployment({ clusterId: cluster.id });
    const workers = { minWorkerCount: 0, maxWorkerCount: 1, workerConcurrency: 1 };
    await db.workerQueue.create({
      data: { ...workers, deploymentId: deployment.id, name: "default", nodePoolId: b.id },
    });
    const after = await updated(cluster, { nodePools: [pool("a"), pool("b", { maxNodeCount: 7 })] });
    expect(after.nodePools).toEqual([a, { ...b, maxNodeCount: 7, updatedAt: expect.any(String) }]);
    // The ID says which one is meant, so "a" is new.
    const { nodePools } = await updated(cluster, { nodePools: [pool("a"), pool("z", { id: a.id }), pool("b")] });
    expect(nodePools.map(({ id, name }: { id: string; name: string }) => [name, id])).toEqual([
      ["z", a.id],
      ["b", b.id],
      ["a", expect.not.stringMatching(a.id)],
    ]);
  });

  it("keep their default if none says that it is, until it is removed", async () => {
    const cluster = await created({ nodePools: [pool("a"), pool("b", { isDefault: true })] });
    const [a, b] = cluster.nodePools;
    const defaultAfter = async (nodePools: object[]) =>
      (await updated(cluster, { nodePools })).nodePools.find((one: { isDefault: boolean }) => one.isDefault).name;
    expect(await defaultAfter([pool("a", { id: a.id }), pool("b", { id: b.id })])).toBe("b");
    expect(await defaultAfter([pool("a", { id: a.id }), pool("b", { id: b.id, isDefault: false })])).toBe("a");
    expect(await defaultAfter([pool("a", { id: a.id }), pool("b", { id: b.id, isDefault: true })])).toBe("b");
    expect(await defaultAfter([pool("a", { id: a.id })])).toBe("a");
  });

  it("reject an ID of another cluster's node pool, and an ID that is repeated", async () => {
    const [cluster, other] = [await created({ nodePools: [pool("a")] }), await created({ nodePools: [pool("b")] })];
    const unknown = "400 nodePools.0.id: must be the ID of a node pool of this cluster";
    expect(await problem(cluster, { nodePools: [pool("a", { id: other.nodePools[0].id })] })).toBe(unknown);
    expect(await problem(cluster, { nodePools: [pool("a", { id: "unknown" })] })).toBe(unknown);
    const { id } = cluster.nodePools[0];
    expect(await problem(cluster, { nodePools: [pool("a", { id }), pool("b", { id })] })).toBe(
      "400 nodePools.1.id: must not be repeated: it is the same as one before it",
    );
  });

  it("answer 412 to the removal of one that a worker queue or the tasks of a Deployment use", async () => {
    const cluster = await created({ nodePools: [pool("queue"), pool("tasks"), pool("free")] });
    const [queue, tasks, free] = cluster.nodePools;
    const { deployment } = await build.deployment({ clusterId: cluster.id });
    const workers = { minWorkerCount: 0, maxWorkerCount: 1, workerConcurrency: 1 };
    const inQueue = { ...workers, deploymentId: deployment.id, name: "default", nodePoolId: queue.id };
    await db.workerQueue.create({ data: inQueue });
    const { deployment: other } = await build.deployment({
      clusterId: cluster.id,
      platformApi: { taskPodNodePoolId: tasks.id },
    });
    const keep = (...pools: Shown[]) => ({ nodePools: pools.map(({ id, name }) => pool(name, { id })) });
    expect(await problem(cluster, keep(tasks, free))).toBe(
      "412 nodePools: the node pool queue cannot be removed: it is used by 1 Deployment",
    );
    expect(await problem(cluster, keep(queue, free))).toBe(
      "412 nodePools: the node pool tasks cannot be removed: it is used by 1 Deployment",
    );
    expect((await updated(cluster, keep(queue, tasks))).nodePools).toHaveLength(2);
    const where = { id: { in: [deployment.id, other.id] } };
    await db.deployment.updateMany({ where, data: { deletedAt: new Date() } });
    expect((await updated(cluster, { nodePools: [] })).nodePools).toEqual([]);
  });

  it("answer 412 to the removal of one that a Deployment starts to use at the same time", async () => {
    const cluster = await created({ nodePools: [pool("a")] });
    const { deployment } = await build.deployment({ clusterId: cluster.id });
    const [{ id }] = cluster.nodePools;
    const patience = { timeout: 20_000 };
    const [removal] = await db.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT id FROM "NodePool" WHERE id = ${id} FOR KEY SHARE`;
      const workers = { minWorkerCount: 0, maxWorkerCount: 1, workerConcurrency: 1 };
      await tx.workerQueue.create({
        data: { ...workers, deploymentId: deployment.id, name: "default", nodePoolId: id },
      });
      const pending = update(cluster, { nodePools: [] });
      await vi.waitFor(async () => {
        const waiting = await db.$queryRaw<unknown[]>`SELECT 1 FROM pg_stat_activity
          WHERE wait_event_type = 'Lock' AND query LIKE '%"NodePool"%' AND datname = current_database()`;
        expect(waiting).toHaveLength(1);
      }, patience);
      return [pending];
    }, patience);
    expect(await removal).toMatchObject({ status: 412 });
  });

  it("are locked in one order, so that a cluster and its Deployments can be changed at the same time", async () => {
    const cluster = await created({ type: "HYBRID", nodePools: [pool("a"), pool("b")] });
    const { deployment } = await build.deployment({ clusterId: cluster.id, workspaceId: workspace.id });
    const [first, last] = cluster.nodePools.toSorted((one: Shown, other: Shown) => (one.id < other.id ? -1 : 1));
    const patience = { timeout: 20_000 };
    const waiting = (count: number) =>
      vi.waitFor(async () => {
        const rows = await db.$queryRaw<unknown[]>`SELECT 1 FROM pg_stat_activity
          WHERE wait_event_type = 'Lock' AND query LIKE '%"NodePool"%' AND datname = current_database()`;
        expect(rows).toHaveLength(count);
      }, patience);
    const pending = await db.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT id FROM "NodePool" WHERE id = ${first.id} FOR UPDATE`;
      const ofCluster = update(cluster, { nodePools: [first, last].map(({ id, name }) => pool(name, { id })) });
      await waiting(1);
      const queue = { name: "default", isDefault: true, minWorkerCount: 1, maxWorkerCount: 2, workerConcurrency: 5 };
      const ofDeployment = call(admin).post(`/deployments/${deployment.id}`, {
        ...{ type: "HYBRID", name: "moving", workspaceId: workspace.id, executor: "CELERY", environmentVariables: [] },
        ...{ scheduler: { au: 5, replicas: 1 }, isCicdEnforced: false, isDagDeployEnabled: false },
        taskPodNodePoolId: last.id,
        workerQueues: [{ ...queue, nodePoolId: first.id }],
      });
      await waiting(2);
      return [ofCluster, ofDeployment];
    }, patience);
    const answers = await Promise.all(pending);
    expect(answers.map(({ status, body }) => body.message ?? status)).toEqual([200, 200]);
  });

  it("stay as they are if anything else in the request is rejected", async () => {
    const [cluster, other] = [await created({ nodePools: [pool("a")] }), await created()];
    expect((await update(cluster, { nodePools: [pool("b")], name: other.name })).status).toBe(412);
    expect((await call(admin).get(`/clusters/${cluster.id}`)).body.nodePools).toEqual(cluster.nodePools);
  });
});

import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { createApp } from "../../../src/app.ts";
import { helmReleases } from "../../../src/platform/kubernetes/resources.ts";
import { startWatching } from "../../../src/services/provisioning/watch/startWatching.ts";
import { withdrawStatuses } from "../../../src/services/provisioning/watch/withdrawStatuses.ts";
import { FakeKubernetes } from "../../support/fakeKubernetes.ts";
import { installed, releaseOf } from "../../support/fakeRelease.ts";
import { testHouston } from "../../support/houston.ts";

const { build, db, app, config } = await testHouston();
const { services } = app;

const HEALTHY = { status: "HEALTHY", statusReason: null };
const WITHDRAWN = { status: "UNKNOWN", statusReason: "No provisioner is configured" };

const stateOf = (id: string) =>
  db.deployment.findUniqueOrThrow({ where: { id }, select: { status: true, statusReason: true } });

/** A cluster with a healthy Deployment, which is watched, as it is with a provisioner, until `stop`. */
async function watchedCluster() {
  const { id: clusterId } = await db.cluster.create({ data: { name: `cluster-${Math.random()}` } });
  const server = new FakeKubernetes({ namespaces: ["airflow"] });
  const add = async (given: Parameters<typeof build.deployment>[0] = {}) => {
    const { deployment } = await build.deployment({ clusterId, namespace: "airflow", ...given });
    return deployment;
  };
  const deployment = await add();
  const { id, releaseName, namespace } = deployment;
  await db.provision.create({ data: { id, clusterId, releaseName, namespace, appliedRevision: 1 } });
  server.put(helmReleases, { ...releaseOf(id), status: installed() });
  const client = server.client();
  const connections = { clientFor: async () => client, clusterIds: async () => [clusterId], stop: () => undefined };
  const { stop } = startWatching({ ...services, connections }, { ttl: 10_000 });
  onTestFinished(stop);
  await expect.poll(() => stateOf(id)).toEqual(HEALTHY);
  /** Another replica takes over, which has not got the new configuration yet. */
  const takeOver = () => {
    const { stop } = startWatching({ ...services, connections }, { ttl: 10_000 });
    onTestFinished(stop);
    return stop;
  };
  return { clusterId, id, add, stop, takeOver };
}

/** What a process without a provisioner does. */
async function withdrawing(interval = 20) {
  const { stop } = await withdrawStatuses(services, { interval });
  onTestFinished(stop);
}

/** Waits until a process has withdrawn what there is. */
async function withdrawn() {
  const { id, stop } = await watchedCluster();
  await stop();
  await withdrawing();
  await expect.poll(() => stateOf(id)).toEqual(WITHDRAWN);
}

describe("without a provisioner, after there was one", () => {
  it("the status of Deployments is unknown, from the start", async () => {
    const { id, stop } = await watchedCluster();
    await stop();
    expect(await stateOf(id)).toEqual(HEALTHY);
    const next = await createApp(config, { log: pino({ level: "silent" }) });
    onTestFinished(() => next.close());
    expect(await stateOf(id)).toEqual(WITHDRAWN);
  });

  it("it is unknown only once no replica watches the cluster any more", async () => {
    const { id, stop } = await watchedCluster();
    await withdrawing();
    await withdrawn();
    expect(await stateOf(id)).toEqual(HEALTHY);
    await stop();
    await expect.poll(() => stateOf(id)).toEqual(WITHDRAWN);
  });

  it("it is unknown in the end even if a replica takes over just after it was withdrawn", async () => {
    const { id, stop, takeOver } = await watchedCluster();
    await stop();
    await withdrawing(3_000);
    await expect.poll(() => stateOf(id)).toEqual(WITHDRAWN);
    const end = takeOver();
    await expect.poll(() => stateOf(id)).toEqual(HEALTHY);
    await end();
    await expect.poll(() => stateOf(id)).toEqual(WITHDRAWN);
  });

  it("what a controller reports then stays, also for Deployments that Houston never applied or has removed", async () => {
    const { clusterId, id, add, stop } = await watchedCluster();
    const others = [await add(), await add(), await add({ deletedAt: new Date() })];
    const reported = { status: "DEPLOYING", statusReason: "by a controller" } as const;
    const report = async (ids: string[]) => db.deployment.updateMany({ where: { id: { in: ids } }, data: reported });
    await report(others.map((one) => one.id));
    const [, removed, deleted] = others;
    for (const [one, removedAt] of [
      [removed, new Date()],
      [deleted, null],
    ] as const) {
      const { id = "", releaseName = "", namespace = "" } = one ?? {};
      await db.provision.create({ data: { id, clusterId, releaseName, namespace, removedAt } });
    }
    await stop();
    await withdrawing();
    await expect.poll(() => stateOf(id)).toEqual(WITHDRAWN);
    await report([id]);
    await withdrawn();
    expect(await Promise.all([id, ...others.map((one) => one.id)].map(stateOf))).toEqual(Array(4).fill(reported));
  });
});

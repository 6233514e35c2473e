import { pino } from "pino";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { createApp } from "../../../src/app.ts";
import type { KubernetesClient, KubernetesObject } from "../../../src/platform/kubernetes/kubernetes.ts";
import { helmReleases, deployments as kubernetesDeployments } from "../../../src/platform/kubernetes/resources.ts";
import { startWatching } from "../../../src/services/provisioning/watch/startWatching.ts";
import { FakeKubernetes } from "../../support/fakeKubernetes.ts";
import { condition, installed, releaseOf, releaseRef, upgradeFailed, workloadOf } from "../../support/fakeRelease.ts";
import { testHouston } from "../../support/houston.ts";

const { build, db, app, config } = await testHouston({ kubernetes: { lostAfter: 200 } });
const { statusEvents, ...services } = app.services;
/** Another replica on the same database. */
const other = await createApp(config, { log: pino({ level: "silent" }) });
afterAll(() => other.close());

/** Namespaces of others: one is listed before that of the Deployments, the other after it. */
const FOREIGN = ["aaa", "other"];

const MISSING = "There is no HelmRelease on the cluster";

/** A cluster with these many Deployments, which are installed. */
async function clusterWith(count: number) {
  const { id: clusterId } = await db.cluster.create({ data: { name: `cluster-${Math.random()}` } });
  const server = new FakeKubernetes({ namespaces: ["airflow", ...FOREIGN], requestTimeout: 50 });
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push(await addDeployment(clusterId, server));
  return { clusterId, server, ids };
}

async function addDeployment(clusterId: string, server?: FakeKubernetes, given = {}): Promise<string> {
  const { deployment } = await build.deployment({ clusterId, namespace: "airflow", ...given });
  const { id, releaseName, namespace } = deployment;
  await db.provision.create({ data: { id, clusterId, releaseName, namespace, appliedRevision: 1 } });
  server?.put(helmReleases, { ...releaseOf(id), status: installed() });
  return id;
}

/** Watches these clusters, as one process does, until the end of the test. */
function watching(servers: Readonly<Record<string, FakeKubernetes>>, given = {}, ttl = 10_000) {
  const clients = new Map(Object.entries(servers).map(([id, server]) => [id, server.client()]));
  const connections = {
    clientFor: async (id: string): Promise<KubernetesClient | undefined> => clients.get(id),
    clusterIds: async () => [...clients.keys()],
    stop: () => undefined,
  };
  const helm = { ...services.config.helm, releaseName: "astronomer" };
  const watch = startWatching({ ...services, config: { ...config, helm }, connections, ...given }, { ttl });
  onTestFinished(() => watch.stop());
  return { ...watch, clients };
}

/** An object in another namespace. */
const moved = (object: KubernetesObject, namespace: string): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, namespace },
});

const jobsOf = async (...ids: string[]) => {
  const rows = await db.$queryRaw<{ key: string }[]>`SELECT key FROM graphile_worker.jobs WHERE key = ANY(${ids.map(
    (id) => `deployment:${id}`,
  )})`;
  return rows.map(({ key }) => key.replace("deployment:", "")).sort();
};

const statusOf = async (id: string) => {
  const { status, statusReason } = await db.deployment.findUniqueOrThrow({ where: { id } });
  return `${status}: ${statusReason}`;
};
const statusesOf = (ids: readonly string[]) => expect.poll(() => Promise.all(ids.map(statusOf)));
const healthy = (count: number) => Array(count).fill("HEALTHY: null");

describe("the watch of clusters", () => {
  it("stores the statuses of Deployments, and neither touches other columns nor deleted ones", async () => {
    const { clusterId, server, ids } = await clusterWith(3);
    const [a = "", b = "", c = ""] = ids;
    const missing = await addDeployment(clusterId);
    await db.deployment.update({ where: { id: c }, data: { deletedAt: new Date() } });
    const before = await db.deployment.findMany({ where: { clusterId } });
    server.setStatus(releaseRef(b), upgradeFailed("no such image"));
    watching({ [clusterId]: server });
    await statusesOf([a, b, c, missing]).toEqual([
      "HEALTHY: null",
      "UNHEALTHY: The upgrade failed: no such image",
      "UNKNOWN: null",
      `UNKNOWN: ${MISSING}`,
    ]);
    server.setStatus(releaseRef(a), upgradeFailed("'\u0000\ud800 100 %".repeat(200)));
    await expect.poll(() => statusOf(a)).toMatch(/^UNHEALTHY: The upgrade failed: ' \ufffd 100 %/u);
    const other = ({ status: _, statusReason: __, ...row }: (typeof before)[number]) => row;
    expect((await db.deployment.findMany({ where: { clusterId } })).map(other)).toEqual(before.map(other));
  });

  it("is heard by followers on every replica", async () => {
    const { clusterId, server, ids } = await clusterWith(1);
    const [id = ""] = ids;
    watching({ [clusterId]: server });
    await statusesOf([id]).toEqual(["HEALTHY: null"]);
    const { releaseName } = await db.deployment.findUniqueOrThrow({ where: { id } });
    const heard = await Promise.all(
      [statusEvents, other.services.statusEvents].map(async (events) => {
        const statuses: string[] = [];
        onTestFinished(await events.follow(releaseName, ({ status }) => statuses.push(status)));
        return statuses;
      }),
    );
    server.setStatus(releaseRef(id), upgradeFailed("no"));
    await expect.poll(() => heard).toEqual(Array(2).fill(["HEALTHY", "UNHEALTHY"]));
  });

  it("writes many changes with one statement, and nothing that is written already", async () => {
    const { clusterId, server, ids } = await clusterWith(30);
    const statements: number[] = [];
    const pool = new Proxy(services.pool, {
      get: (target, key) => {
        if (key !== "query") return Reflect.get(target, key);
        return (text: unknown, values: unknown[]) => {
          if (typeof text === "string" && text.includes("told AS")) statements.push((values[3] as string[]).length);
          return target.query(text as string, values);
        };
      },
    });
    watching({ [clusterId]: server }, { pool });
    await statusesOf(ids).toEqual(healthy(30));
    for (const id of ids) server.setStatus(releaseRef(id), upgradeFailed("no"));
    for (const id of ids) server.change(releaseRef(id), { metadata: { annotations: { other: "one" } } });
    await statusesOf(ids).toEqual(Array(30).fill("UNHEALTHY: The upgrade failed: no"));
    expect(statements).toEqual([30, 30]);
  });

  it("neither writes nor locks a row when it is told again what is written already", async () => {
    const { clusterId, server, ids } = await clusterWith(3);
    const lost = await addDeployment(clusterId);
    const first = watching({ [clusterId]: server });
    await statusesOf([...ids, lost]).toEqual([...healthy(3), `UNKNOWN: ${MISSING}`]);
    await first.stop();
    const rows =
      () => db.$queryRaw`SELECT p.id, ARRAY[p.xmin::text, p.xmax::text, d.xmin::text, d.xmax::text] AS versions
      FROM "Provision" p JOIN "Deployment" d USING (id) WHERE p."clusterId" = ${clusterId} ORDER BY 1`;
    const before = await rows();
    const written: string[] = [];
    const pool = new Proxy(services.pool, {
      get: (target, key) => {
        if (key !== "query") return Reflect.get(target, key);
        return async (text: unknown, values: unknown[]) => {
          const result = await target.query(text as string, values);
          written.push(...["told AS", "rest AS"].filter((name) => String(text).includes(name)));
          return result;
        };
      },
    });
    watching({ [clusterId]: server }, { pool });
    await expect.poll(() => written).toEqual(["rest AS", "told AS"]);
    expect(await rows()).toEqual(before);
  });

  it("makes all Deployments of a cluster unknown while it is out of reach", async () => {
    const { clusterId, server, ids } = await clusterWith(2);
    const elsewhere = await clusterWith(1);
    watching({ [clusterId]: server, [elsewhere.clusterId]: elsewhere.server });
    await statusesOf([...ids, ...elsewhere.ids]).toEqual(healthy(3));
    server.refuse();
    const lost = /^UNKNOWN: The cluster has been out of reach since 20\S+Z: it refuses connections$/;
    await statusesOf(ids).toEqual([expect.stringMatching(lost), expect.stringMatching(lost)]);
    expect(await Promise.all(elsewhere.ids.map(statusOf))).toEqual(healthy(1));
    server.setStatus(releaseRef(ids[0] ?? ""), upgradeFailed("no"));
    server.recover();
    await statusesOf(ids).toEqual(["UNHEALTHY: The upgrade failed: no", "HEALTHY: null"]);
  });

  it("is done by one process, and by another when that one stops or loses the database", async () => {
    const { clusterId, server, ids } = await clusterWith(1);
    const [id = ""] = ids;
    const pool = { isCut: false };
    const cuttable = new Proxy(services.pool, {
      get: (target, key) => {
        if (key !== "query") return Reflect.get(target, key);
        return pool.isCut ? () => Promise.reject(new Error("cut")) : target.query.bind(target);
      },
    });
    const first = watching({ [clusterId]: server }, { pool: cuttable }, 300);
    await statusesOf(ids).toEqual(healthy(1));
    const second = watching({ [clusterId]: server }, {}, 300);
    const third = watching({ [clusterId]: server }, {}, 300);
    await expect.poll(() => server.watches).toBe(3);
    pool.isCut = true;
    server.setStatus(releaseRef(id), upgradeFailed("first"));
    await statusesOf(ids).toEqual(["UNHEALTHY: The upgrade failed: first"]);
    await expect.poll(() => server.watches).toBe(3);
    // Whichever of them it is.
    await second.stop();
    server.setStatus(releaseRef(id), upgradeFailed("second"));
    await statusesOf(ids).toEqual(["UNHEALTHY: The upgrade failed: second"]);
    await first.stop();
    await third.stop();
    expect(server.watches).toBe(0);
    expect(await db.lease.findUnique({ where: { name: `watch:${clusterId}` } })).toMatchObject({ holder: "" });
  });

  it("stores nothing for a process that does not know yet that another has taken over", async () => {
    const { clusterId, server, ids } = await clusterWith(1);
    const [id = ""] = ids;
    watching({ [clusterId]: server });
    await statusesOf(ids).toEqual(healthy(1));
    const expiresAt = new Date(Date.now() + 3_600_000);
    await db.lease.update({ where: { name: `watch:${clusterId}` }, data: { holder: "another", expiresAt } });
    server.setStatus(releaseRef(id), upgradeFailed("no"));
    await expect.poll(() => server.watches).toBe(0);
    expect(await statusOf(id)).toBe("HEALTHY: null");
  });

  it("tries again what could not be written", async () => {
    const { clusterId, server, ids } = await clusterWith(1);
    let refused = 0;
    const pool = new Proxy(services.pool, {
      get: (target, key) => {
        if (key !== "query") return Reflect.get(target, key);
        return (text: unknown, values: unknown[]) => {
          const isRefused = typeof text === "string" && text.includes("told AS") && refused < 1;
          if (!isRefused) return target.query(text as string, values);
          refused += 1;
          return Promise.reject(new Error("no"));
        };
      },
    });
    watching({ [clusterId]: server }, { pool });
    await statusesOf(ids).toEqual(healthy(1));
    expect(refused).toBe(1);
  });

  it("watches clusters that are added, connected anew or removed", async () => {
    const one = await clusterWith(1);
    const two = await clusterWith(1);
    const { clients, reread } = watching({ [one.clusterId]: one.server });
    await statusesOf(one.ids).toEqual(healthy(1));
    clients.set(two.clusterId, two.server.client());
    await reread();
    await statusesOf(two.ids).toEqual(healthy(1));
    const elsewhere = new FakeKubernetes({ namespaces: ["airflow"] });
    clients.set(two.clusterId, elsewhere.client());
    await reread();
    await statusesOf(two.ids).toEqual([`UNKNOWN: ${MISSING}`]);
    clients.delete(one.clusterId);
    await reread();
    expect([one.server.watches, two.server.watches]).toEqual([0, 0]);
  });

  it("goes on while it cannot be read how to connect to a cluster", async () => {
    const { clusterId, server, ids } = await clusterWith(1);
    const client = server.client();
    let isRead = true;
    const clientFor = async () => (isRead ? client : Promise.reject(new Error("no database")));
    const connections = { clientFor, clusterIds: async () => [clusterId], stop: () => undefined };
    const { reread } = watching({}, { connections });
    await statusesOf(ids).toEqual(healthy(1));
    isRead = false;
    await reread();
    server.setStatus(releaseRef(ids[0] ?? ""), upgradeFailed("no"));
    await statusesOf(ids).toEqual(["UNHEALTHY: The upgrade failed: no"]);
  });

  it("ignores a copy of a HelmRelease under another name", async () => {
    const { clusterId, server, ids } = await clusterWith(2);
    const [a = "", b = ""] = ids;
    const copyOf = (id: string) => {
      const { metadata, ...rest } = releaseOf(id, `${id}-copy`);
      const labels = { ...metadata.labels, deployment: id };
      server.put(helmReleases, { ...rest, metadata: { ...metadata, labels }, status: upgradeFailed("a copy") });
    };
    copyOf(a);
    watching({ [clusterId]: server });
    await statusesOf(ids).toEqual(healthy(2));
    copyOf(b);
    for (const id of ids) server.remove(releaseRef(`${id}-copy`));
    const later = await addDeployment(clusterId, server);
    await statusesOf([...ids, later]).toEqual(healthy(3));
    expect(await jobsOf(...ids)).toEqual([]);
  });

  it("keeps the problem of a Deployment that cannot be applied, and notes why one cannot be removed", async () => {
    const { clusterId, server, ids } = await clusterWith(2);
    const [applied = "", deleted = ""] = ids;
    const problem = "The cluster refused it: quota";
    await db.provision.update({ where: { id: applied }, data: { problem, problemSince: new Date() } });
    const missing = await addDeployment(clusterId);
    await db.provision.update({ where: { id: missing }, data: { problem, problemSince: new Date() } });
    const unapplied = (await build.deployment({ clusterId, status: "UNHEALTHY", statusReason: problem })).deployment.id;
    await db.deployment.update({ where: { id: deleted }, data: { deletedAt: new Date() } });
    server.put(helmReleases, {
      ...releaseOf(deleted),
      metadata: {
        ...releaseOf(deleted).metadata,
        finalizers: ["finalizers.fluxcd.io"],
        deletionTimestamp: "2026-11-29T10:00:00Z",
      },
      status: { conditions: [condition("Ready", "False", "UninstallFailed", "timed out")] },
    });
    watching({ [clusterId]: server });
    await statusesOf([applied, missing, unapplied]).toEqual(Array(3).fill(`UNHEALTHY: ${problem}`));
    const noted = () => db.provision.findUniqueOrThrow({ where: { id: deleted } });
    await expect.poll(noted).toMatchObject({
      problem: "It cannot be removed: The removal failed: timed out",
      problemSince: expect.any(Date),
    });
  });

  it("adds the job of a Deployment whose HelmRelease is gone, also if nobody watched", async () => {
    const { clusterId, server, ids } = await clusterWith(2);
    const [a = "", b = ""] = ids;
    server.remove(releaseRef(a));
    const removed = await addDeployment(clusterId);
    await db.provision.update({ where: { id: removed }, data: { removedAt: new Date() } });
    const jobs = () => jobsOf(a, b, removed);
    watching({ [clusterId]: server });
    await expect.poll(jobs).toEqual([a]);
    server.remove(releaseRef(b));
    await expect.poll(jobs).toEqual([a, b].sort());
  });

  it("adds these jobs later if they cannot be stored", async () => {
    const { clusterId, server, ids } = await clusterWith(2);
    const [a = "", b = ""] = ids;
    server.remove(releaseRef(a));
    let refused = 0;
    const failing = new Proxy(db, {
      get: (target, key) => {
        const value = Reflect.get(target, key);
        if (key !== "$queryRaw" || refused % 2 === 1) return value;
        refused += 1;
        return () => Promise.reject(new Error("no database"));
      },
    });
    watching({ [clusterId]: server }, { db: failing });
    await expect.poll(() => jobsOf(...ids)).toEqual([a]);
    refused = 0;
    server.remove(releaseRef(b));
    await expect.poll(() => jobsOf(...ids)).toEqual([...ids].sort());
    expect(refused).toBe(1);
  });

  it("has Flux look at a release that lost a workload, in a few seconds and once for all that it lost", async () => {
    const { clusterId, server, ids } = await clusterWith(1);
    const [id = ""] = ids;
    const components = ["scheduler", "triggerer"];
    for (const one of components) server.put(kubernetesDeployments, workloadOf(id, one, 1));
    watching({ [clusterId]: server });
    await statusesOf(ids).toEqual(healthy(1));
    const began = Date.now();
    for (const one of components)
      server.remove({ resource: kubernetesDeployments, namespace: "airflow", name: `${id}-${one}` });
    await expect.poll(() => jobsOf(id)).toEqual([id]);
    const rows = await db.$queryRaw<{ payload: object; run_at: Date }[]>`
      SELECT payload, run_at FROM graphile_worker._private_jobs WHERE key = ${`deployment:${id}`}`;
    expect(rows).toMatchObject([{ payload: { deploymentId: id, change: "resync" } }]);
    expect(rows[0]?.run_at.getTime()).toBeGreaterThan(began + 2_000);
  });

  it("adds the jobs of Deployments with a problem when it begins, and when the cluster can be reached again", async () => {
    const { clusterId, server, ids } = await clusterWith(3);
    const [a = "", b = ""] = ids;
    const fail = (id: string) =>
      db.provision.update({
        where: { id },
        data: { problem: "The cluster answered: no leader", problemSince: new Date() },
      });
    await fail(a);
    watching({ [clusterId]: server });
    await expect.poll(() => jobsOf(...ids)).toEqual([a]);
    await fail(b);
    server.refuse();
    await expect.poll(() => statusOf(b)).toMatch("out of reach");
    expect(await jobsOf(...ids)).toEqual([a]);
    server.recover();
    await expect.poll(() => jobsOf(...ids)).toEqual([a, b].sort());
  });
});

describe("objects with the label of a Deployment in another namespace", () => {
  const failed = upgradeFailed("not ours");

  it.each(FOREIGN)("change nothing if they are in namespace %s", async (namespace) => {
    const { clusterId, server, ids } = await clusterWith(2);
    const [a = "", b = ""] = ids;
    const ref = { resource: helmReleases, namespace, name: a };
    server.put(helmReleases, { ...moved(releaseOf(a), namespace), status: failed });
    server.put(kubernetesDeployments, moved(workloadOf(a, "scheduler", 0), namespace));
    watching({ [clusterId]: server });
    await statusesOf(ids).toEqual(healthy(2));
    server.put(helmReleases, { ...moved(releaseOf(b), namespace), status: failed });
    server.setStatus(ref, upgradeFailed("still not ours"));
    server.remove(ref);
    await afterwards(server, clusterId);
    expect(await Promise.all(ids.map(statusOf))).toEqual(healthy(2));
    expect(await jobsOf(...ids)).toEqual([]);
  });

  it("do not stand for a HelmRelease that is missing", async () => {
    const { clusterId, server, ids } = await clusterWith(2);
    const [a = "", b = ""] = ids;
    server.remove(releaseRef(a));
    for (const id of ids) server.put(helmReleases, { ...moved(releaseOf(id), "other"), status: installed() });
    watching({ [clusterId]: server });
    await statusesOf(ids).toEqual([`UNKNOWN: ${MISSING}`, "HEALTHY: null"]);
    await expect.poll(() => jobsOf(...ids)).toEqual([a]);
    server.remove(releaseRef(b));
    await statusesOf(ids).toEqual(Array(2).fill(`UNKNOWN: ${MISSING}`));
    await expect.poll(() => jobsOf(...ids)).toEqual([...ids].sort());
  });

  it("do not say why a deleted one cannot be removed", async () => {
    const { clusterId, server, ids } = await clusterWith(1);
    const [id = ""] = ids;
    await db.deployment.update({ where: { id }, data: { deletedAt: new Date() } });
    const { metadata, ...rest } = moved(releaseOf(id), "other");
    const deletion = { finalizers: ["finalizers.fluxcd.io"], deletionTimestamp: "2026-11-29T10:00:00Z" };
    const conditions = [condition("Ready", "False", "UninstallFailed", "not ours")];
    server.put(helmReleases, { ...rest, metadata: { ...metadata, ...deletion }, status: { conditions } });
    watching({ [clusterId]: server });
    await afterwards(server, clusterId);
    expect(await db.provision.findUniqueOrThrow({ where: { id } })).toMatchObject({ problem: null });
  });

  /** Waits until all that has happened on a cluster before is stored. */
  async function afterwards(server: FakeKubernetes, clusterId: string) {
    await expect.poll(() => server.watches).toBe(3);
    const later = await addDeployment(clusterId, server);
    await statusesOf([later]).toEqual(healthy(1));
  }
});

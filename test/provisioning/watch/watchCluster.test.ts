import { describe, expect, it, onTestFinished } from "vitest";
import { KubernetesError, type KubernetesObject } from "../../../src/platform/kubernetes/kubernetes.ts";
import { deployments, helmReleases, pods, statefulSets } from "../../../src/platform/kubernetes/resources.ts";
import type { DeploymentState } from "../../../src/services/provisioning/status/statusOf.ts";
import { type WatchOptions, watchCluster } from "../../../src/services/provisioning/watch/watchCluster.ts";
import { FakeKubernetes } from "../../support/fakeKubernetes.ts";
import { condition, installed, releaseOf, releaseRef, upgradeFailed, workloadOf } from "../../support/fakeRelease.ts";

const HEALTHY = "HEALTHY: null";
const MISSING = "UNKNOWN: There is no HelmRelease on the cluster";
const NEW = "UNKNOWN: Flux has not reported a status yet";

/** A Deployment of the namespace `airflow` by its ID, of another namespace with that: `other/a`. */
const named = (owner: string) => owner.replace(/^airflow\//, "");
const namesOf = (some: ReadonlyMap<string, unknown>) => [...some.keys()].map(named).sort().join(" ");

/** Watches a fake cluster until the end of the test, and keeps what it told. */
function watching(server: FakeKubernetes, options: Partial<WatchOptions> = {}) {
  const stop = new AbortController();
  const states = new Map<string, string>();
  const told: string[] = [];
  const note = (some: ReadonlyMap<string, DeploymentState>) => {
    for (const [owner, { status, reason }] of some) states.set(named(owner), `${status}: ${reason}`);
  };
  const ended = watchCluster({
    client: server.client(),
    platformRelease: "astronomer",
    namespaces: undefined,
    timings: { silence: 3_000_000, grace: 300_000 },
    lostAfter: 60_000,
    now: () => new Date(),
    signal: stop.signal,
    listener: {
      listed(all) {
        told.push(`listed ${namesOf(all)}`);
        states.clear();
        note(all);
      },
      changed(some) {
        told.push(`changed ${namesOf(some)}`);
        note(some);
      },
      releaseGone: (owner) => void told.push(`gone ${named(owner)}`),
      workloadGone: (owner) => void told.push(`workloadGone ${named(owner)}`),
      lost: (_, cause) => void told.push(`lost: ${cause}`),
    },
    ...options,
  });
  const end = async () => {
    stop.abort();
    await ended;
  };
  onTestFinished(end);
  const seen = () => expect.poll(() => Object.fromEntries(states));
  return { told, seen, end, heard: (what: string) => expect.poll(() => told).toContain(what) };
}

/** A cluster with these Deployments, all healthy. */
function clusterWith(...ids: string[]) {
  const server = new FakeKubernetes({ namespaces: ["aaa", "airflow", "other"], requestTimeout: 50 });
  for (const id of ids) server.put(helmReleases, { ...releaseOf(id), status: installed() });
  return server;
}
const putWorkload = (server: FakeKubernetes, object: KubernetesObject) =>
  server.put(object.kind === "StatefulSet" ? statefulSets : deployments, object);
const moved = (object: KubernetesObject, namespace: string): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, namespace },
});
const relabeled = (object: KubernetesObject, labels: Record<string, string>): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } },
});
/** Times in which pods never have time to start, and nobody is silent. */
const impatient = { timings: { silence: 1e9, grace: 0 } };

describe("watching a cluster", () => {
  it("lists in pages, and tells only once everything was listed", async () => {
    const server = clusterWith("a", "b", "c");
    server.maxPage = 2;
    putWorkload(server, workloadOf("b", "scheduler", 0));
    putWorkload(server, workloadOf("c", "worker", 3, 3));
    server.put(helmReleases, releaseOf("d"));
    const { seen, told } = watching(server, impatient);
    await seen().toEqual({ a: HEALTHY, b: "UNHEALTHY: scheduler: 0 of 1 pods ready", c: HEALTHY, d: NEW });
    expect(told).toEqual(["listed a b c d"]);
    expect(server.count("list", "helmreleases")).toBe(2);
  });

  it("tells what changes, and what is gone", async () => {
    const server = clusterWith("a");
    const { seen, told, heard } = watching(server, impatient);
    await heard("listed a");
    server.put(helmReleases, releaseOf("b"));
    await seen().toEqual({ a: HEALTHY, b: NEW });
    server.setStatus(releaseRef("b"), upgradeFailed("no such image"));
    await seen().toEqual({ a: HEALTHY, b: "UNHEALTHY: The upgrade failed: no such image" });
    putWorkload(server, workloadOf("a", "worker", 1, 2));
    await seen().toMatchObject({ a: "UNHEALTHY: worker: 1 of 2 pods ready" });
    server.remove({ resource: statefulSets, namespace: "airflow", name: "a-worker" });
    await seen().toMatchObject({ a: HEALTHY });
    server.remove(releaseRef("b"));
    await seen().toEqual({ a: HEALTHY, b: MISSING });
    expect(told).toContain("gone b");
  });

  it("tells many changes at once, and no state twice", async () => {
    const ids = Array.from({ length: 50 }, (_, n) => `r${n}`);
    const server = clusterWith(...ids);
    const { seen, told, heard } = watching(server);
    await heard(`listed ${ids.toSorted().join(" ")}`);
    await expect.poll(() => server.watches).toBe(3);
    for (const id of ids) server.change(releaseRef(id), { metadata: { annotations: { other: "one" } } });
    for (const id of ids.slice(1)) server.setStatus(releaseRef(id), upgradeFailed("first"));
    for (const id of ids.slice(1)) server.setStatus(releaseRef(id), upgradeFailed("second"));
    const failed = "UNHEALTHY: The upgrade failed: second";
    await seen().toEqual(Object.fromEntries(ids.map((id, n) => [id, n === 0 ? HEALTHY : failed])));
    expect(told.slice(1)).toEqual([`changed ${ids.slice(1).sort().join(" ")}`]);
  });

  it("ignores what is not Houston's, or another Houston's", async () => {
    const server = clusterWith("a");
    server.put(helmReleases, relabeled(releaseOf("b"), { "platform-release": "another" }));
    server.put(helmReleases, relabeled(releaseOf("c"), { "app.kubernetes.io/managed-by": "somebody" }));
    server.put(helmReleases, relabeled(releaseOf("d"), { "houston/deployment": "" }));
    const { seen } = watching(server);
    await seen().toEqual({ a: HEALTHY });
    const all = watching(server, { platformRelease: null });
    await all.seen().toEqual({ a: HEALTHY, b: NEW });
  });

  it("follows an object that is given to another Deployment", async () => {
    const server = clusterWith("a");
    const { seen, heard } = watching(server);
    await heard("listed a");
    server.change(releaseRef("a"), { metadata: { labels: { "houston/deployment": "b" } } });
    await seen().toEqual({ a: MISSING, b: HEALTHY });
    await heard("gone a");
  });

  it.each(["aaa", "other"])("keeps apart what has the same label in namespace %s", async (namespace) => {
    const server = clusterWith("a");
    putWorkload(server, workloadOf("a", "scheduler", 1));
    const foreign = { resource: helmReleases, namespace, name: "a" };
    const failed = { ...moved(releaseOf("a"), namespace), status: upgradeFailed("foreign") };
    server.put(helmReleases, failed);
    putWorkload(server, moved(workloadOf("a", "scheduler", 0), namespace));
    const { seen, told, heard } = watching(server, impatient);
    const worse = "UNHEALTHY: The upgrade failed: foreign; scheduler: 0 of 1 pods ready";
    await seen().toEqual({ a: HEALTHY, [`${namespace}/a`]: worse });
    server.remove(foreign);
    await heard(`gone ${namespace}/a`);
    server.put(helmReleases, failed);
    await seen().toEqual({ a: HEALTHY, [`${namespace}/a`]: worse });
    server.remove(releaseRef("a"));
    await seen().toEqual({ a: MISSING, [`${namespace}/a`]: worse });
    expect(told.filter((one) => one.startsWith("gone"))).toEqual([`gone ${namespace}/a`, "gone a"]);
  });

  it("watches namespaces one by one, with one list at a time", async () => {
    const server = clusterWith("a");
    server.put(helmReleases, moved(releaseOf("b"), "other"));
    let lists = 0;
    let most = 0;
    server.before = async ({ verb }) => {
      if (verb !== "list") return;
      lists += 1;
      most = Math.max(most, lists);
      await new Promise((resolve) => setTimeout(resolve, 5));
      lists -= 1;
    };
    const namespaces = ["airflow", "empty"];
    const { seen } = watching(server, { namespaces });
    await seen().toEqual({ a: HEALTHY });
    const requested = server.requests.filter(({ verb }) => verb === "list").map(({ namespace }) => namespace);
    expect(new Set(requested)).toEqual(new Set(namespaces));
    expect(most).toBe(1);
  });

  it("goes on where it was when the server ends the watch or breaks, without listing again", async () => {
    const server = clusterWith("a");
    const { seen, heard } = watching(server);
    await heard("listed a");
    await expect.poll(() => server.watches).toBe(3);
    server.bookmark();
    server.endWatches();
    server.put(helmReleases, { ...releaseOf("b"), status: installed() });
    await seen().toEqual({ a: HEALTHY, b: HEALTHY });
    await expect.poll(() => server.watches).toBe(3);
    server.refuse();
    server.remove(releaseRef("b"));
    await expect.poll(() => server.watches).toBe(0);
    server.recover();
    await seen().toEqual({ a: HEALTHY, b: MISSING });
    // Apart from asking with a page of one whether it is back.
    expect(server.requests.filter(({ verb, limit }) => verb === "list" && limit !== 1)).toHaveLength(3);
  });

  it("lists again when the server has forgotten, and notices what vanished or was replaced meanwhile", async () => {
    const server = clusterWith("a", "b", "c");
    putWorkload(server, workloadOf("a", "scheduler", 0));
    const { seen, told, heard } = watching(server, impatient);
    await heard("listed a b c");
    await expect.poll(() => server.watches).toBe(3);
    server.refuse();
    server.remove(releaseRef("b"));
    server.remove(releaseRef("c"));
    server.put(helmReleases, releaseOf("c"));
    server.remove({ resource: deployments, namespace: "airflow", name: "a-scheduler" });
    server.compact();
    server.recover();
    await seen().toEqual({ a: HEALTHY, b: MISSING, c: NEW });
    expect(told.filter((one) => one.startsWith("gone")).sort()).toEqual(["gone b", "gone c"]);
    server.setStatus(releaseRef("a"), upgradeFailed("no"));
    await seen().toMatchObject({ a: "UNHEALTHY: The upgrade failed: no" });
  });

  it("starts a list again that the server forgot between two pages", async () => {
    const server = clusterWith("a", "b", "c");
    server.maxPage = 2;
    let lists = 0;
    server.before = ({ verb, plural }) => {
      if (verb !== "list" || plural !== "helmreleases") return;
      lists += 1;
      if (lists !== 2) return;
      server.remove(releaseRef("a"));
      server.compact();
    };
    const { seen } = watching(server);
    await seen().toEqual({ b: HEALTHY, c: HEALTHY });
  });

  it.each([
    ["refuses connections", (server: FakeKubernetes) => server.refuse(), "it refuses connections"],
    [
      "does not accept the credentials any more",
      (server: FakeKubernetes) => {
        server.expireCredentials();
        server.endWatches();
      },
      "the credentials of the cluster are not accepted any more",
    ],
    ["falls silent", (server: FakeKubernetes) => server.fallSilent(), "The Kubernetes API did not answer within 50 ms"],
  ])("tells that a cluster %s, and all states once it is back", async (_, disturb, cause) => {
    const server = clusterWith("a");
    const { seen, told, heard } = watching(server, { lostAfter: 200 });
    await heard("listed a");
    await expect.poll(() => server.watches).toBe(3);
    disturb(server);
    await heard(`lost: ${cause}`);
    server.put(helmReleases, { ...releaseOf("b"), status: installed() });
    server.recover();
    await seen().toEqual({ a: HEALTHY, b: HEALTHY });
    expect(told.filter((one) => one.startsWith("lost"))).toHaveLength(1);
    expect(told.filter((one) => one.startsWith("listed")).length).toBe(2);
  });

  it("tells that a cluster is lost that never answers, and lists it once it does", async () => {
    const server = clusterWith("a");
    server.refuse();
    const { seen, heard, told } = watching(server, { lostAfter: 100 });
    await heard("lost: it refuses connections");
    server.recover();
    await seen().toEqual({ a: HEALTHY });
    expect(told).toHaveLength(2);
  });

  it("is lost too if it may not see part of the truth", async () => {
    const server = clusterWith("a");
    server.before = ({ plural }) => {
      if (plural === "statefulsets") throw new KubernetesError("statefulsets is forbidden", 403, "Forbidden");
    };
    const { heard } = watching(server, { lostAfter: 100 });
    await heard("lost: the credentials of the cluster do not suffice: statefulsets is forbidden");
  });

  it("does not take a short interruption for a loss", async () => {
    const server = clusterWith("a");
    const { told, heard, seen } = watching(server);
    await heard("listed a");
    server.refuse();
    await expect.poll(() => server.count("list")).toBeGreaterThan(6);
    server.recover();
    server.setStatus(releaseRef("a"), upgradeFailed("no"));
    await seen().toEqual({ a: "UNHEALTHY: The upgrade failed: no" });
    expect(told).toEqual(["listed a", "changed a"]);
  });

  it("tells states that change by themselves", async () => {
    const server = clusterWith("a");
    server.put(helmReleases, releaseOf("b"));
    putWorkload(server, workloadOf("a", "scheduler", 0));
    const { seen } = watching(server, { timings: { silence: 6_000, grace: 6_000 } });
    await seen().toEqual({ a: "DEPLOYING: scheduler: 0 of 1 pods ready", b: NEW });
    await seen().toEqual({
      a: "UNHEALTHY: scheduler: 0 of 1 pods ready",
      b: expect.stringMatching(/^UNKNOWN: The provisioner has not answered since 20/),
    });
  });

  it("looks at pods when some are missing, and only then", async () => {
    const server = clusterWith("a", "b");
    const crashed: KubernetesObject = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "a-scheduler-1",
        namespace: "airflow",
        labels: { component: "scheduler", "houston/deployment": "a" },
      },
      status: { containerStatuses: [{ state: { waiting: { reason: "CrashLoopBackOff" } } }] },
    };
    server.put(pods, crashed);
    putWorkload(server, workloadOf("a", "scheduler", 1));
    putWorkload(server, workloadOf("b", "scheduler", 1));
    const { seen, heard } = watching(server, impatient);
    await heard("listed a b");
    putWorkload(server, workloadOf("a", "scheduler", 0));
    await seen().toEqual({ a: "UNHEALTHY: scheduler: 0 of 1 pods ready: CrashLoopBackOff", b: HEALTHY });
    server.setStatus(releaseRef("a"), upgradeFailed("timed out"));
    await seen().toMatchObject({
      a: "UNHEALTHY: The upgrade failed: timed out; scheduler: 0 of 1 pods ready: CrashLoopBackOff",
    });
    expect(server.count("list", "pods")).toBe(1);
    server.setStatus(releaseRef("a"), installed());
    putWorkload(server, workloadOf("a", "scheduler", 1));
    await seen().toMatchObject({ a: HEALTHY });
    server.before = ({ plural }) => {
      if (plural === "pods") throw new KubernetesError("pods is forbidden", 403, "Forbidden");
    };
    putWorkload(server, workloadOf("a", "scheduler", 0));
    await expect.poll(() => server.count("list", "pods")).toBe(2);
    await seen().toMatchObject({ a: "UNHEALTHY: scheduler: 0 of 1 pods ready" });
  });

  it("tells of workloads that somebody removed, but not of those that Flux removes", async () => {
    const server = clusterWith("a", "b", "c");
    const components = ["scheduler", "triggerer"];
    for (const id of ["a", "b", "c"]) for (const one of components) putWorkload(server, workloadOf(id, one, 1));
    const { told, seen, heard } = watching(server);
    await heard("listed a b c");
    const upgrading = [condition("Reconciling", "True", "Progressing"), condition("Ready", "Unknown", "Progressing")];
    server.setStatus(releaseRef("b"), { ...installed(), conditions: upgrading });
    server.change(releaseRef("c"), { metadata: { finalizers: ["flux"], deletionTimestamp: "2026-01-01T00:00:00Z" } });
    await seen().toMatchObject({ b: "DEPLOYING: Flux is applying a change" });
    const removed = (id: string) => ({ resource: deployments, namespace: "airflow", name: `${id}-scheduler` });
    for (const id of ["c", "b", "a"]) server.remove(removed(id));
    await heard("workloadGone a");
    expect(told.filter((one) => one.startsWith("workloadGone"))).toEqual(["workloadGone a"]);
  });

  it("ends its requests when it is stopped", async () => {
    const server = clusterWith("a");
    const { end, heard } = watching(server);
    await heard("listed a");
    await expect.poll(() => server.watches).toBe(3);
    await end();
    expect(server.watches).toBe(0);
  });
});

import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../src/platform/database/embedded/postmaster.ts";
import { apiVersionOf, listPath, objectPath } from "../src/platform/kubernetes/apiPath.ts";
import type { KubernetesObject, Resource } from "../src/platform/kubernetes/kubernetes.ts";
import { deployments, helmReleases, namespaces } from "../src/platform/kubernetes/resources.ts";
import { heapAfterCollection } from "../test/support/debugger.ts";
import type { HoustonProcess } from "../test/support/houstonProcess.ts";
import { followStatuses } from "./followStatuses.ts";
import { each, type ProvisioningSetup } from "./provisioningSetup.ts";

/** What watching HelmReleases took. */
export interface WatchResult {
  releases: number;
  workloads: number;
  /** Of one HelmRelease with its workloads. */
  heapKilobytes: number;
  /** From the request that changes a HelmRelease to the message of a subscription on another replica. */
  milliseconds: number[];
  /** Of the replica that takes over, at most, while it lists everything. */
  peakMegabytes: number;
  /** Requests for a page of HelmReleases that it sent. */
  pages: number;
  /** From the death of the other one until it follows. */
  takeOverSeconds: number;
}

/** Objects are spread over so many namespaces. */
const NAMESPACES = 100;

/** Requests that write objects at the same time. */
const WRITERS = 32;

/** Changes in a second, of so many Deployments in turn. */
const RATE = 20;
const FOLLOWED = 100;

/** How long a Houston that starts may take until it has stored all statuses, in milliseconds. */
const PATIENCE = 300_000;

/** Watches `count` HelmReleases with `workloads` Kubernetes Deployments each, and measures `changes` changes. */
export async function watchReleases(
  setup: ProvisioningSetup,
  { count, workloads, changes }: { count: number; workloads: number; changes: number },
): Promise<WatchResult> {
  const { pool, houston } = setup;
  const port = await freePort();
  const watcher = await houston({}, [`--inspect=127.0.0.1:${port}`]);
  const heap = async () => {
    // Both times with all that the first request loads.
    await setup.send(watcher, "{ self { user { id } } }");
    return heapAfterCollection(port);
  };
  await watcher.start();
  await setup.send(watcher, "{ self { user { id } } }");
  await watcher.stop();
  await watcher.start();
  await sleep(2_000);
  const before = await heap();
  await watcher.stop();
  await seedRows(setup, count);
  await writeObjects(setup, count, workloads);
  await watcher.start();
  await allHealthy(pool, count);
  const after = await heap();

  const follower = await houston({});
  await follower.start();
  const milliseconds = await timeChanges(setup, follower, changes);

  const pid = follower.pid();
  const pagesBefore = await pagesRead(setup);
  await writeFile(`/proc/${pid}/clear_refs`, "5");
  await watcher.stop("SIGKILL");
  const begun = performance.now();
  await timeChanges(setup, follower, 1, 120_000);
  const takeOverSeconds = (performance.now() - begun) / 1_000;
  const pages = (await pagesRead(setup)) - pagesBefore;
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const peakMegabytes = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024;
  await follower.stop();
  const heapKilobytes = ((after - before) * 1_024) / count;
  return { releases: count, workloads, heapKilobytes, milliseconds, peakMegabytes, pages, takeOverSeconds };
}

const idOf = (n: number) => `clbench${`${n}`.padStart(18, "0")}`;
const nameOf = (n: number) => `bench-release-${n}`;
const namespaceOf = (n: number) => `bench-${n % NAMESPACES}`;

async function seedRows({ pool }: ProvisioningSetup, count: number): Promise<void> {
  const { rows } = await pool.query(
    `INSERT INTO "Workspace" (id, label, "updatedAt") VALUES ($1, 'Watched', now()) RETURNING id`,
    [`clwork${randomBytes(9).toString("hex")}0`.slice(0, 25)],
  );
  await pool.query(
    `INSERT INTO "ReleaseName" (name) SELECT 'bench-release-' || n FROM generate_series(0, $1::int - 1) n`,
    [count],
  );
  await pool.query(
    `INSERT INTO "Deployment" (id, "workspaceId", label, "releaseName", namespace, version, executor, config, "dagDeployment",
       "updatedAt")
     SELECT 'clbench' || lpad(n::text, 18, '0'), $1, 'Watched ' || n, 'bench-release-' || n, 'bench-' || n % ${NAMESPACES},
       '1.22.0', 'CeleryExecutor', '{"executor": "CeleryExecutor"}', '{"type": "image"}', now()
     FROM generate_series(0, $2::int - 1) n`,
    [rows[0].id, count],
  );
  await pool.query(
    `INSERT INTO "Provision" (id, "clusterId", "releaseName", namespace, revision, "appliedRevision", "updatedAt")
     SELECT id, "clusterId", "releaseName", namespace, 1, 1, now() FROM "Deployment" WHERE id LIKE 'clbench%'`,
  );
}

/** Writes HelmReleases that Flux has installed, with workloads that run. */
async function writeObjects({ cluster }: ProvisioningSetup, count: number, workloads: number): Promise<void> {
  const { client, caller } = cluster;
  await each(Math.min(NAMESPACES, count), WRITERS, (n) =>
    client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespaceOf(n) } }, namespaces),
  );
  // Not applied: creating takes the server a third of the time.
  const create = async (
    resource: Resource,
    { metadata, ...rest }: Omit<KubernetesObject, "apiVersion" | "kind">,
    status: object,
  ) => {
    const body = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata, ...rest };
    await caller.call({ method: "POST", path: listPath(resource, metadata.namespace), body });
    await setStatus(cluster, resource, metadata, status);
  };
  await each(count, WRITERS, async (n) => {
    const metadata = { name: nameOf(n), namespace: namespaceOf(n), labels: labelsOf(n) };
    const annotations = { "houston/desired-revision": "1" };
    const release = { metadata: { ...metadata, annotations }, spec: specOf(n) };
    await create(helmReleases, release, releaseStatus(n, true));
    for (let nth = 0; nth < workloads; nth += 1) {
      const name = `${nameOf(n)}-${nth}`;
      const labels = { ...metadata.labels, component: `component-${nth}`, release: nameOf(n), tier: "airflow" };
      const selector = { matchLabels: { name } };
      const containers = [{ name: "airflow", image: "registry.example.com/airflow:1", env: environment }];
      const template = { metadata: { labels: { name } }, spec: { containers } };
      const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
      const spec = { replicas: 1, selector, template };
      await create(
        deployments,
        { metadata: { ...metadata, name, labels }, spec },
        { observedGeneration: 1, ...counts },
      );
    }
  });
}

const environment = Array.from({ length: 20 }, (_, n) => ({
  name: `AIRFLOW__SECTION__KEY_${n}`,
  value: "x".repeat(40),
}));

const labelsOf = (n: number) => ({
  ...{ "app.kubernetes.io/managed-by": "houston", "platform-release": "houston", workspace: "bench" },
  ...{ deployment: nameOf(n), "houston/deployment": idOf(n) },
});

const specOf = (n: number) => ({
  releaseName: nameOf(n),
  chart: {
    spec: {
      chart: "airflow",
      version: "1.22.0",
      sourceRef: { kind: "HelmRepository", name: "apache-airflow", namespace: "flux-system" },
    },
  },
  ...{ interval: "30m", timeout: "20m", maxHistory: 5 },
  valuesFrom: [{ kind: "Secret", name: `${nameOf(n)}-values`, valuesKey: "values.yaml" }],
});

/** What helm-controller writes, with its history and all objects of the chart. */
function releaseStatus(n: number, isReady: boolean) {
  const time = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const message = `Helm install succeeded for release ${namespaceOf(n)}/${nameOf(n)}.v5 with chart airflow@1.22.0`;
  const condition = (type: string, status: string, reason: string) => ({
    ...{ type, status, reason, message, observedGeneration: 1, lastTransitionTime: time },
  });
  const digest = () => `sha256:${randomBytes(32).toString("hex")}`;
  const history = Array.from({ length: 3 }, (_, nth) => ({
    ...{ name: nameOf(n), namespace: namespaceOf(n), version: 5 - nth, status: nth ? "superseded" : "deployed" },
    ...{ chartName: "airflow", chartVersion: "1.22.0", appVersion: "3.2.2", digest: digest(), configDigest: digest() },
    ...{ firstDeployed: time, lastDeployed: time },
  }));
  const entries = Array.from({ length: 25 }, (_, nth) => ({
    ...{ id: `${namespaceOf(n)}_${nameOf(n)}-object-${nth}_apps_Deployment`, v: "v1" },
  }));
  return {
    ...{ observedGeneration: 1, lastAttemptedGeneration: 1, history, inventory: { entries } },
    conditions: [
      condition("Ready", isReady ? "True" : "False", isReady ? "InstallSucceeded" : "UpgradeFailed"),
      condition("Released", "True", "InstallSucceeded"),
    ],
  };
}

async function setStatus(
  { caller }: ProvisioningSetup["cluster"],
  resource: Resource,
  { name, namespace = "" }: KubernetesObject["metadata"],
  status: object,
): Promise<void> {
  const path = `${objectPath({ resource, namespace, name })}/status`;
  await caller.call({ method: "PATCH", path, body: { status }, contentType: "application/merge-patch+json" });
}

async function allHealthy(pool: ProvisioningSetup["pool"], count: number): Promise<void> {
  const until = performance.now() + PATIENCE;
  let healthy = 0;
  while (performance.now() < until) {
    const { rows } = await pool.query(
      `SELECT count(*)::int FROM "Deployment" WHERE id LIKE 'clbench%' AND status = 'HEALTHY'`,
    );
    healthy = rows[0].count;
    if (healthy === count) return;
    await sleep(500);
  }
  throw new Error(`Only ${healthy} of ${count} Deployments are HEALTHY after ${PATIENCE} ms`);
}

/** Changes HelmReleases and waits for what a subscription on the follower says about each. In milliseconds. */
async function timeChanges(
  { cluster, token }: ProvisioningSetup,
  follower: HoustonProcess,
  changes: number,
  limit = 30_000,
): Promise<number[]> {
  const names = Array.from({ length: Math.min(FOLLOWED, changes) }, (_, n) => nameOf(n));
  const statuses = await followStatuses(follower.url, token(), names);
  const begun = performance.now();
  const waiting: Promise<number>[] = [];
  for (let change = 0; change < changes; change += 1) {
    await sleep(Math.max(0, begun + (change * 1_000) / RATE - performance.now()));
    const n = change % names.length;
    const isReady = statuses.current(nameOf(n)) !== "HEALTHY";
    const started = performance.now();
    const arrived = statuses.next(nameOf(n), limit);
    const metadata = { name: nameOf(n), namespace: namespaceOf(n) };
    await setStatus(cluster, helmReleases, metadata, releaseStatus(n, isReady));
    waiting.push(arrived.then((at) => at - started));
  }
  const times = await Promise.all(waiting);
  statuses.close();
  return times;
}

/** Requests for lists of HelmReleases that the API server has answered. */
async function pagesRead({ cluster }: ProvisioningSetup): Promise<number> {
  const text = await cluster.metrics();
  const lines = text.matchAll(
    /^apiserver_request_total\{(?=[^}]*resource="helmreleases")(?=[^}]*verb="LIST")[^}]*\} (\d+)/gm,
  );
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}

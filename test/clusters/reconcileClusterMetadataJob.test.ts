import { describe, expect, it, onTestFinished } from "vitest";
import type { Prisma } from "../../src/generated/prisma/client.ts";
import { testHouston } from "../support/houston.ts";
import { jsonServer, type Reply } from "../support/jsonServer.ts";
import { outcomeOf } from "../support/outcome.ts";

const houston = await testHouston();
const { as, build, db } = houston;
const admin = await build.systemAdmin();

const RECONCILE = "mutation { reconcileClusterMetadataJob }";

/** What each data plane reports, by the path of its URL. */
const replies = new Map<string, Reply>();
const dataPlanes = await jsonServer(({ url }) => replies.get(url.pathname));

let clusters = 0;
async function registered(reply: Reply, more: Partial<Prisma.ClusterCreateInput> = {}) {
  const path = `/${clusters++}`;
  replies.set(path, reply);
  const metadataUrl = `${dataPlanes.url}${path}`;
  const { id } = await db.cluster.create({ data: { name: `cluster ${path}`, metadataUrl, ...more } });
  return { id, report: (next: Reply) => replies.set(path, next) };
}
const reports = (healthStatus: unknown, more: object = {}): Reply => ({ status: 200, body: { healthStatus, ...more } });
const stored = (id: string) => db.cluster.findUniqueOrThrow({ where: { id } });

/** Reconciles, and returns the row of the cluster. The other clusters are removed first. */
async function reconciled(id: string) {
  await db.cluster.deleteMany({ where: { id: { not: id }, isDefault: false } });
  const { data, errors } = await as(admin).send(RECONCILE);
  expect(errors).toBeUndefined();
  return { changed: data.reconcileClusterMetadataJob, ...(await stored(id)) };
}

describe("reconcileClusterMetadataJob", () => {
  it("makes a cluster INACTIVE when its data plane is unhealthy, and ACTIVE when it is HEALTHY again", async () => {
    const { id, report } = await registered(reports("UNHEALTHY"));
    expect(await reconciled(id)).toMatchObject({
      changed: 1,
      status: "INACTIVE",
      statusReason: { code: "DATA_PLANE_UNHEALTHY", message: "The data plane reports UNHEALTHY." },
      healthStatus: { value: "UNHEALTHY" },
    });
    report(reports("HEALTHY"));
    const active = { status: "ACTIVE", statusReason: null, healthStatus: { value: "HEALTHY" } };
    expect(await reconciled(id)).toMatchObject({ changed: 1, ...active });
    expect(await reconciled(id)).toMatchObject({ changed: 0, ...active });
    expect(await db.auditEntry.findMany({ where: { entityId: id }, orderBy: { createdAt: "asc" } })).toMatchObject([
      { action: "syncDataplaneClusters", actor: `user:${admin.id}`, detail: { status: "INACTIVE" } },
      { action: "syncDataplaneClusters", actor: `user:${admin.id}`, detail: { status: "ACTIVE" } },
    ]);
  });

  it.each<[unknown, object, object]>([
    [{ value: "HEALTHY", details: [] }, {}, { value: "HEALTHY", details: [] }],
    [{ status: "HEALTHY", nodes: 3 }, {}, { value: "HEALTHY", nodes: 3 }],
    ["HEALTHY", { k8sVersion: "1.33.1" }, { value: "HEALTHY", k8sVersion: "1.33.1" }],
  ])("stores what the data plane reports: %j %j", async (health, more, healthStatus) => {
    const { id } = await registered(reports(health, more), { status: "INACTIVE" });
    expect(await reconciled(id)).toMatchObject({ status: "ACTIVE", healthStatus });
  });

  it("stores a base domain, but nothing that is not one", async () => {
    const { id, report } = await registered(reports("HEALTHY", { baseDomain: "east.example.com" }));
    expect(await reconciled(id)).toMatchObject({ baseDomain: "east.example.com" });
    report(reports("HEALTHY", { baseDomain: "evil.example.com/?" }));
    expect(await reconciled(id)).toMatchObject({ status: "ACTIVE", baseDomain: "east.example.com" });
  });

  it.each<[string, Reply, string]>([
    ["does not respond in time", undefined, "The data plane did not respond within 500 ms."],
    ["responds with an error", { status: 503, body: {} }, "The data plane responded with HTTP status 503."],
    [
      "redirects",
      { status: 302, body: {}, headers: { location: "/healthy" } },
      "The data plane redirects; use the final URL.",
    ],
    ["sends no JSON", { status: 200, body: "<html>" }, "The metadata is not a JSON object with healthStatus."],
    ["sends no healthStatus", { status: 200, body: {} }, "The metadata is not a JSON object with healthStatus."],
    ["sends what cannot be stored", reports("\u0000"), "The metadata is not a JSON object with healthStatus."],
    ["sends too much", reports("HEALTHY", { filler: "x".repeat(70_000) }), "The metadata is larger than 65536 bytes."],
    ["stops halfway", { status: 200, body: new Promise(() => {}) }, "The data plane did not respond within 500 ms."],
  ])("makes a cluster INACTIVE whose data plane %s", async (_what, reply, message) => {
    replies.set("/healthy", reports("HEALTHY"));
    const { syncDataplaneClusters: settings } = houston.app.services.config;
    const { timeout } = settings;
    onTestFinished(() => void Object.assign(settings, { timeout }));
    if (message.endsWith(" 500 ms.")) Object.assign(settings, { timeout: 500 });
    const { id } = await registered(reply, { healthStatus: { value: "HEALTHY", k8sVersion: "1.33" } });
    expect(await reconciled(id)).toMatchObject({
      changed: 1,
      status: "INACTIVE",
      statusReason: { code: "DATA_PLANE_UNREACHABLE", message },
      healthStatus: { value: "UNKNOWN", k8sVersion: "1.33", details: [{ description: message }] },
    });
  });

  it("makes a cluster INACTIVE whose data plane cannot be reached", async () => {
    const refused = await registered(undefined, { metadataUrl: "http://127.0.0.1:1/" });
    expect(await reconciled(refused.id)).toMatchObject({
      status: "INACTIVE",
      statusReason: { message: "Cannot connect to the data plane (ECONNREFUSED)." },
    });
  });

  it("never connects to cloud metadata services, nor to private networks if they are not allowed", async () => {
    const message = "The host is in a network that this platform must not connect to.";
    const link = await registered(undefined, { metadataUrl: "http://169.254.169.254/latest/meta-data" });
    expect(await reconciled(link.id)).toMatchObject({ status: "INACTIVE", statusReason: { message } });
    const strict = await testHouston({ syncDataplaneClusters: { allowPrivateNetworks: false } });
    replies.set("/private", reports("HEALTHY"));
    await strict.db.cluster.create({ data: { name: "private", metadataUrl: `${dataPlanes.url}/private` } });
    await strict.as(await strict.build.systemAdmin()).send(RECONCILE);
    expect(await strict.db.cluster.findUnique({ where: { name: "private" } })).toMatchObject({
      statusReason: { message },
    });
    expect(dataPlanes.requests.filter(({ url }) => url.pathname === "/private")).toEqual([]);
  });

  it("leaves the default cluster without a metadataUrl alone", async () => {
    const before = await db.cluster.findFirstOrThrow({ where: { isDefault: true } });
    await as(admin).send(RECONCILE);
    expect(await stored(before.id)).toEqual(before);
  });

  it("keeps an INACTIVE with an operator's reason until the reason is cleared", async () => {
    const statusReason = { code: "MAINTENANCE" };
    const { id } = await registered(reports("HEALTHY"), { status: "INACTIVE", statusReason });
    const kept = { changed: 0, status: "INACTIVE", statusReason, healthStatus: { value: "HEALTHY" } };
    expect(await reconciled(id)).toMatchObject(kept);
    const clear = `mutation ($id: Uuid!) { updateCluster(id: $id, statusReason: null) { id } }`;
    await as(admin).send(clear, { id });
    expect(await reconciled(id)).toMatchObject({ changed: 1, status: "ACTIVE", statusReason: null });
  });

  it("keeps an operator's reason of an ACTIVE cluster while its data plane is healthy", async () => {
    const { id, report } = await registered(reports("HEALTHY"), { statusReason: { note: "new" } });
    expect(await reconciled(id)).toMatchObject({ status: "ACTIVE", statusReason: { note: "new" } });
    report(reports("UNHEALTHY"));
    expect(await reconciled(id)).toMatchObject({ status: "INACTIVE", statusReason: { code: "DATA_PLANE_UNHEALTHY" } });
  });

  it("changes a status once for concurrent requests", async () => {
    const { id } = await registered(reports("UNHEALTHY"));
    await db.cluster.deleteMany({ where: { id: { not: id }, isDefault: false } });
    const answers = await Promise.all(Array.from({ length: 5 }, () => as(admin).send(RECONCILE)));
    const changed = answers.map(({ data }) => data.reconcileClusterMetadataJob);
    expect(changed.sort()).toEqual([0, 0, 0, 0, 1]);
  });

  it("denies lesser system roles, Workspace Admins and anonymous callers", async () => {
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const { admin: workspaceAdmin } = await build.workspace();
    expect(outcomeOf(await as(editor).send(RECONCILE))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(workspaceAdmin).send(RECONCILE))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(RECONCILE))).toBe("UNAUTHENTICATED");
  });
});

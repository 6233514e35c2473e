import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { jsonServer } from "../support/jsonServer.ts";

const secret = randomBytes(32).toString("hex");
const blobs = new Map<string, string>();
const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
let isDown = false;
/** A registry that keeps its blobs elsewhere, as those on S3 do. */
const registry = await jsonServer(({ url, headers }) => {
  const stored = blobs.get(url.pathname.slice(url.pathname.lastIndexOf("/") + 1));
  if (isDown) return { status: 503, body: {} };
  if (url.pathname.startsWith("/storage/")) {
    return headers.authorization === undefined ? { status: 200, body: stored } : { status: 400, body: {} };
  }
  if (!headers.authorization?.startsWith("Bearer ")) return { status: 401, body: {} };
  if (stored === undefined) return { status: 404, body: {} };
  const location = url.pathname.includes("/blobs/") ? `/storage/${digestOf(stored)}` : undefined;
  return location ? { status: 307, body: "", headers: { location } } : { status: 200, body: stored };
});
const { url, build, db } = await testHouston({
  registry: { authHeader: secret, host: "127.0.0.1", port: registry.port },
});

function store(value: unknown): { digest: string } {
  const text = JSON.stringify(value);
  blobs.set(digestOf(text), text);
  return { digest: digestOf(text) };
}

const RUNTIME = "io.astronomer.docker.runtime.version";
const AIRFLOW = "io.astronomer.docker.airflow.version";

/** The manifest of an image with these labels. */
const imageWith = (labels: Record<string, string> | null) =>
  store({ config: store({ config: { Labels: labels }, random: randomBytes(8).toString("hex") }) });

async function push(digest: string, { by, releaseName }: { by: string; releaseName: string }): Promise<void> {
  const repository = `${releaseName}/airflow`;
  const event = {
    action: "push",
    target: { repository, tag: "x", digest },
    request: { host: "r" },
    actor: { name: by },
  };
  const response = await fetch(`${url}/v1/registry/events`, {
    method: "POST",
    headers: { authorization: secret, "content-type": "application/json" },
    body: JSON.stringify({ events: [event] }),
  });
  expect(response.status).toBe(204);
}

const jobs = () => db.$queryRaw<{ attempts: number; payload: unknown }[]>`
  SELECT j.attempts, j.payload FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
  WHERE t.identifier = 'readImageVersions'`;
const done = () => expect.poll(jobs).toEqual([]);

async function runtimeDeployment() {
  const { deployment, editor } = await build.deployment();
  const versions = { airflowVersion: "2.11.2", runtimeVersion: "13.10.0" };
  const desired = { desiredAirflowVersion: "2.11.2", desiredRuntimeVersion: "13.10.0" };
  await db.deployment.update({ where: { id: deployment.id }, data: { ...versions, ...desired } });
  const stored = () => db.deployment.findUniqueOrThrow({ where: { id: deployment.id }, include: { revisions: true } });
  return { id: deployment.id, by: `user:${editor.id}`, releaseName: deployment.releaseName, stored };
}

describe("the versions of an image that was pushed", () => {
  it("are those of its labels, as if a client had sent them", async () => {
    const one = await runtimeDeployment();
    await push(imageWith({ [RUNTIME]: "13.11.0", [AIRFLOW]: "2.11.2+astro.1" }).digest, one);
    await done();
    expect(await one.stored()).toMatchObject({
      ...{ runtimeVersion: "13.11.0", desiredRuntimeVersion: "13.11.0", airflowVersion: "2.11.2", deployCount: 1 },
      ...{ updatedBy: one.by, revisions: [{ tag: "x" }] },
    });
    const entries = await db.auditEntry.findMany({ where: { entityId: one.id, action: "deployPush" } });
    expect(entries.map(({ actor, via }) => [actor, via])).toEqual([
      [one.by, "registry"],
      [one.by, "registry"],
    ]);
  });

  it("are read from the first image for Linux of an index", async () => {
    const one = await runtimeDeployment();
    const platform = (os: string) => ({ os, architecture: "amd64" });
    const manifests = [
      { ...imageWith({ [RUNTIME]: "1.0.0" }), platform: platform("unknown") },
      { ...imageWith({ [RUNTIME]: "13.11.0" }), platform: platform("linux") },
    ];
    await push(store({ manifests }).digest, one);
    await done();
    expect(await one.stored()).toMatchObject({ runtimeVersion: "13.11.0" });
  });

  it("are read once the registry is up again", async () => {
    const one = await runtimeDeployment();
    isDown = true;
    await push(imageWith({ [RUNTIME]: "13.11.0" }).digest, one);
    await expect.poll(async () => (await jobs())[0]?.attempts).toBe(1);
    expect(await one.stored()).toMatchObject({ runtimeVersion: "13.10.0", deployCount: 1 });
    isDown = false;
    await db.$executeRaw`UPDATE graphile_worker._private_jobs SET run_at = now()`;
    await done();
    expect(await one.stored()).toMatchObject({ runtimeVersion: "13.11.0", deployCount: 1 });
  });

  it("stay as they are for a downgrade, an unknown one, no labels, and what is no image", async () => {
    const one = await runtimeDeployment();
    const altered = store({ config: { digest: digestOf("x") } });
    blobs.set(altered.digest, "{}");
    const large = store({ config: store({ config: { Labels: { [RUNTIME]: "13.11.0", x: "x".repeat(5_000_000) } } }) });
    for (const { digest } of [
      imageWith({ [RUNTIME]: "13.5.0" }),
      imageWith({ [RUNTIME]: "99.0.0" }),
      imageWith({ [AIRFLOW]: "2.11.2" }),
      imageWith({ [RUNTIME]: "x".repeat(100) }),
      imageWith({}),
      imageWith(null),
      store({ manifests: [] }),
      store("nonsense"),
      { digest: digestOf("gone") },
      altered,
      large,
    ]) {
      await push(digest, one);
      await done();
    }
    expect(await one.stored()).toMatchObject({ runtimeVersion: "13.10.0", desiredRuntimeVersion: "13.10.0" });
  });

  it("are not those of an image that was replaced, or whose author lost the permission", async () => {
    const one = await runtimeDeployment();
    isDown = true;
    await push(imageWith({ [RUNTIME]: "13.11.0" }).digest, one);
    await expect.poll(async () => (await jobs())[0]?.attempts).toBe(1);
    await db.roleBinding.deleteMany({ where: { deploymentId: one.id } });
    isDown = false;
    await db.$executeRaw`UPDATE graphile_worker._private_jobs SET run_at = now()`;
    await done();
    const other = await runtimeDeployment();
    isDown = true;
    await push(imageWith({ [RUNTIME]: "13.11.0" }).digest, other);
    await expect.poll(async () => (await jobs())[0]?.attempts).toBe(1);
    await db.deployment.update({ where: { id: other.id }, data: { image: "r/other:1" } });
    isDown = false;
    await db.$executeRaw`UPDATE graphile_worker._private_jobs SET run_at = now()`;
    await done();
    for (const { stored } of [one, other]) expect(await stored()).toMatchObject({ runtimeVersion: "13.10.0" });
  });
});

import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db, app } = await testHouston({ cleanupDeployRevisions: { olderThan: 30 } });
const admin = await build.systemAdmin();
const ago = (days: number) => new Date(Date.now() - days * 86_400_000);

const run = async (field: string) => {
  const { data, errors } = await as(admin).send(`mutation { ${field} }`);
  expect(errors).toBeUndefined();
  return data[field];
};

/** Adds a job as the schedule does, and waits until the server's worker has done it. */
async function runTask(task: string) {
  const { pool } = app.services;
  await pool.query("SELECT graphile_worker.add_job($1)", [task]);
  const waiting = async () =>
    (await pool.query("SELECT 1 FROM graphile_worker.jobs WHERE task_identifier = $1", [task])).rowCount;
  await expect.poll(waiting, { timeout: 10_000 }).toBe(0);
}

const deploys = (deploymentId: string, days: number[]) =>
  db.deployRevision.createMany({
    data: days.map((one) => ({ deploymentId, image: "x", tag: `${one}`, createdAt: ago(one) })),
  });
const tagsOf = async (deploymentId: string) =>
  (await db.deployRevision.findMany({ where: { deploymentId }, orderBy: { createdAt: "asc" } })).map(({ tag }) => tag);

describe("cleanupDeployments", () => {
  it("removes Deployments for good that were deleted 14 days ago, and frees their release names", async () => {
    const old = await build.deployment({ deletedAt: ago(14.1) });
    const young = await build.deployment({ deletedAt: ago(13.9) });
    const live = await build.deployment({ createdAt: ago(400) });
    const { id: deploymentId, releaseName } = old.deployment;
    await db.environmentVariable.create({ data: { deploymentId, key: "A", value: "1" } });
    expect(await run("cleanupDeployments")).toBe(1);
    expect(await db.deployment.count({ where: { id: deploymentId } })).toBe(0);
    expect(await db.environmentVariable.count({ where: { deploymentId } })).toBe(0);
    expect(await db.releaseName.count({ where: { name: releaseName } })).toBe(0);
    for (const { deployment } of [young, live]) {
      expect(await db.deployment.count({ where: { id: deployment.id } })).toBe(1);
      expect(await db.releaseName.count({ where: { name: deployment.releaseName } })).toBe(1);
    }
    expect(await db.auditEntry.findMany({ where: { entityId: deploymentId } })).toMatchObject([
      { action: "cleanupDeployments", actor: `user:${admin.id}`, detail: { releaseName, hard: true } },
    ]);
  });

  it("removes more Deployments than fit in a batch, each once for concurrent runs", async () => {
    const { workspace } = await build.workspace();
    const rows = Array.from({ length: 120 }, (_, n) => ({ label: `old ${n}`, releaseName: `old-name-${n}` }));
    await db.releaseName.createMany({ data: rows.map(({ releaseName }) => ({ name: releaseName })) });
    const common = { workspaceId: workspace.id, namespace: "x", version: "0.0.0", deletedAt: ago(20), config: {} };
    const data = rows.map((row) => ({
      ...row,
      ...common,
      executor: "CeleryExecutor" as const,
      dagDeployment: {},
    }));
    await db.deployment.createMany({ data });
    const counts = await Promise.all([run("cleanupDeployments"), run("cleanupDeployments"), run("cleanupDeployments")]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(120);
    expect(await db.deployment.count({ where: { workspaceId: workspace.id } })).toBe(0);
    expect(await run("cleanupDeployments")).toBe(0);
  });

  it("runs as a job, which the audit log names", async () => {
    const { deployment } = await build.deployment({ deletedAt: ago(15) });
    await runTask("cleanupDeployments");
    expect(await db.auditEntry.findMany({ where: { entityId: deployment.id } })).toMatchObject([
      { actor: "job:cleanupDeployments" },
    ]);
  });
});

describe("cleanupDeployRevisions", () => {
  it("removes deploys older than the setting, but never the newest of a Deployment", async () => {
    const [one, other] = [await build.deployment(), await build.deployment()];
    await deploys(one.deployment.id, [300, 31, 29, 1]);
    await deploys(other.deployment.id, [300, 200]);
    expect(await run("cleanupDeployRevisions")).toBe(3);
    expect(await tagsOf(one.deployment.id)).toEqual(["29", "1"]);
    expect(await tagsOf(other.deployment.id)).toEqual(["200"]);
    expect(await db.auditEntry.count({ where: { action: "cleanupDeployRevisions", entityType: "Platform" } })).toBe(1);
  });

  it("removes more deploys than fit in a batch", async () => {
    const { deployment } = await build.deployment();
    await deploys(
      deployment.id,
      Array.from({ length: 2_501 }, (_, n) => 100 + n),
    );
    await runTask("cleanupDeployRevisions");
    expect(await tagsOf(deployment.id)).toEqual(["100"]);
  });
});

describe("cleanupClusterAudits", () => {
  it("removes audit entries of clusters older than 90 days and no others", async () => {
    const entry = (entityType: string, days: number) => ({
      action: "x",
      actor: "user:x",
      entityType,
      entityId: `${entityType} ${days}`,
      createdAt: ago(days),
    });
    await db.auditEntry.createMany({ data: [entry("Cluster", 91), entry("Cluster", 89), entry("Deployment", 91)] });
    expect(await run("cleanupClusterAudits")).toBe(1);
    const kept = await db.auditEntry.findMany({ where: { action: "x" }, orderBy: { entityId: "asc" } });
    expect(kept.map(({ entityId }) => entityId)).toEqual(["Cluster 89", "Deployment 91"]);
  });
});

describe("cleanups by hand", () => {
  it.each(["cleanupDeployments", "cleanupDeployRevisions", "cleanupClusterAudits"])(
    "%s denies lesser system roles and anonymous callers",
    async (field) => {
      const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
      expect(outcomeOf(await as(editor).send(`mutation { ${field} }`))).toBe("FORBIDDEN");
      expect(outcomeOf(await as(undefined).send(`mutation { ${field} }`))).toBe("UNAUTHENTICATED");
    },
  );
});

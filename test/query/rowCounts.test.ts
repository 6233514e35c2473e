import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { purgeTasks } from "../../src/platform/jobs/purge.ts";
import { runJobs } from "../../src/platform/jobs/worker.ts";
import { testHouston } from "../support/houston.ts";

const { app, as, build, db } = await testHouston();
const { pool, log } = app.services;

/** The counts that triggers maintain, and the real ones. */
async function counts() {
  const { rows: maintained } = await pool.query(
    `SELECT "table", "clusterId", level, span, sum(rows)::int AS rows FROM "RowCount"
     GROUP BY 1, 2, 3, 4 HAVING sum(rows) <> 0 ORDER BY 1, 2, 3, 4`,
  );
  const { rows: real } = await pool.query(`SELECT * FROM "RowCountNow" ORDER BY 1, 2, 3, 4`);
  return { maintained, real };
}

async function expectRight() {
  const { maintained, real } = await counts();
  expect(maintained).toEqual(real);
  return real;
}

const admin = await build.systemAdmin();
const { workspace } = await build.workspace();
const cluster = (name: string) => db.cluster.create({ data: { name, metadataUrl: "https://x" } });
const clusters = [await cluster("east"), await cluster("west")].map(({ id }) => id);
const START = Date.UTC(2020, 0, 1);

beforeEach(async () => {
  await db.deployment.deleteMany();
});

/** Adds Deployments created at these milliseconds after the start, alternating between clusters. */
async function deploymentsAt(moments: readonly number[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [n, moment] of moments.entries()) {
    const createdAt = new Date(START + moment);
    const { deployment } = await build.deployment({
      workspaceId: workspace.id,
      createdAt,
      clusterId: clusters[n % 2] ?? "",
    });
    ids.push(deployment.id);
  }
  return ids;
}

const PAGE = `query ($take: Int, $clusterId: Uuid, $pageNumber: Int) {
  paginatedDeployments(take: $take, clusterId: $clusterId, pageNumber: $pageNumber) { id clusterId }
}`;

describe("row counts", () => {
  it("follow creations, deletions, moves and rollbacks", async () => {
    const ids = await deploymentsAt([0, 1, 20_000, 5_000_000, 2 ** 31]);
    const [a = "", b = "", c = "", d = ""] = ids;
    expect(await expectRight()).not.toEqual([]);
    await db.deployment.update({ where: { id: a }, data: { deletedAt: new Date() } });
    await db.deployment.update({ where: { id: b }, data: { clusterId: clusters[0] ?? "" } });
    await db.deployment.update({ where: { id: c }, data: { createdAt: new Date(START + 2 ** 33), label: "later" } });
    await db.deployment.delete({ where: { id: d } });
    await expectRight();
    await db.deployment.update({ where: { id: a }, data: { deletedAt: null } });
    const failing = db.$transaction(async (tx) => {
      await tx.deployment.deleteMany();
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await expectRight();
  });

  it("remove a Workspace together with its deleted Deployments", async () => {
    const { deployment } = await build.deployment();
    const before = (await expectRight()).length;
    await db.deployment.update({ where: { id: deployment.id }, data: { deletedAt: new Date() } });
    await db.workspace.delete({ where: { id: deployment.workspaceId } });
    expect(await db.deployment.findUnique({ where: { id: deployment.id } })).toBeNull();
    expect((await expectRight()).length).toBeLessThan(before);
  });

  it("stay correct under twenty concurrent changes, in one or two rows each", async () => {
    const ids = await deploymentsAt(Array.from({ length: 20 }, () => 0));
    const turn = async (id: string, n: number) => {
      for (let round = 0; round < 10; round++) {
        await db.deployment.update({ where: { id }, data: { clusterId: clusters[(n + round) % 2] ?? "" } });
        await db.deployment.update({ where: { id }, data: { deletedAt: round % 2 ? new Date() : null } });
      }
    };
    await Promise.all(ids.map(turn));
    await expectRight();
    const { rows } = await pool.query(`SELECT count(*)::int AS n FROM "RowCount" WHERE "table" = 'Deployment'`);
    // Three levels for two clusters, each with at most one row per connection.
    expect(rows[0].n).toBeLessThanOrEqual(6 * app.services.config.database.pool.max);
  });

  it("do not make writers wait for each other", async () => {
    const [a, , b] = await deploymentsAt([0, 1, 2]);
    const [deleter, creator] = [await pool.connect(), await pool.connect()];
    const remove = `UPDATE "Deployment" SET "deletedAt" = now() WHERE id = $1`;
    try {
      await creator.query("SET lock_timeout = 200");
      await deleter.query("BEGIN");
      await deleter.query(remove, [a]);
      await creator.query(remove, [b]);
      await deleter.query("COMMIT");
    } finally {
      await creator.query("RESET lock_timeout");
      for (const client of [deleter, creator]) client.release();
    }
    await expectRight();
  });

  it("are corrected once by two connections at the same time", async () => {
    await deploymentsAt([0, 1]);
    await pool.query(`UPDATE "RowCount" SET rows = rows + 1`);
    const first = await pool.connect();
    try {
      await first.query("BEGIN; SELECT recount_rows()");
      const second = pool.query("SELECT recount_rows()");
      await vi.waitFor(async () => {
        const { rows } = await pool.query(
          `SELECT 1 FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%recount_rows%'`,
        );
        expect(rows).toHaveLength(1);
      });
      await first.query("COMMIT");
      await second;
    } finally {
      first.release();
    }
    await expectRight();
  });

  it("are corrected by the hourly job after rows were loaded with triggers off", async () => {
    await deploymentsAt([0, 1_000_000]);
    const client = await pool.connect();
    try {
      await client.query("BEGIN; SET LOCAL session_replication_role = replica");
      await client.query(`UPDATE "Deployment" SET "createdAt" = "createdAt" + interval '3 years'`);
      await client.query("COMMIT");
    } finally {
      client.release();
    }
    const { maintained, real } = await counts();
    expect(maintained).not.toEqual(real);
    await pool.query(`SELECT graphile_worker.add_job('recountRows')`);
    // The server's own worker may run it first.
    await runJobs({ pool, tasks: purgeTasks, log });
    await vi.waitFor(expectRight, { timeout: 10_000 });
  });
});

describe("pages by number", () => {
  it("match the whole list, from both ends, for any times and clusters", async () => {
    const moment = fc.oneof(fc.constantFrom(0, 2 ** 14, 2 ** 14 - 1, 2 ** 22, 2 ** 30), fc.nat(2 ** 36));
    interface Graph {
      moments: number[];
      gone: number[];
      take: number;
      of: string | undefined;
    }
    const graphs: fc.Arbitrary<Graph> = fc.record({
      moments: fc.array(moment, { maxLength: 12 }),
      gone: fc.array(fc.nat(11), { maxLength: 4 }),
      take: fc.integer({ min: 1, max: 5 }),
      of: fc.constantFrom(undefined, ...clusters),
    });
    const check = async ({ moments, gone, take, of }: Graph) => {
      await db.deployment.deleteMany();
      const ids = await deploymentsAt(moments);
      const deleted = gone.flatMap((n) => ids[n] ?? []);
      await db.deployment.updateMany({ where: { id: { in: deleted } }, data: { deletedAt: new Date() } });
      const list = await db.deployment.findMany({
        where: { deletedAt: null, ...(of && { clusterId: of }) },
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
        select: { id: true, clusterId: true },
      });
      for (let pageNumber = 0; pageNumber <= list.length / take + 1; pageNumber++) {
        const page = async (count: number) =>
          (await as(admin).send(PAGE, { take: count, clusterId: of, pageNumber })).data.paginatedDeployments;
        const skipped = pageNumber * take;
        expect(await page(take)).toEqual(list.slice(skipped, skipped + take));
        const end = Math.max(0, list.length - skipped);
        if (take > 1) expect(await page(-take)).toEqual(list.slice(Math.max(0, end - take), end));
      }
    };
    await fc.assert(fc.asyncProperty(graphs, check), { numRuns: 60 });
  });
});

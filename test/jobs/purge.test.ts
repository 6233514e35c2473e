import pg from "pg";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addJob } from "../../src/platform/jobs/addJob.ts";
import { purgeSchedule, purgeTasks } from "../../src/platform/jobs/purge.ts";
import { runJobs } from "../../src/platform/jobs/worker.ts";
import { jobDatabase } from "./jobDatabase.ts";

const log = pino({ level: "silent" });
const past = new Date(Date.now() - 5_000);
const future = new Date(Date.now() + 60_000);
let database: Awaited<ReturnType<typeof jobDatabase>>;
let jobPool: pg.Pool;

beforeAll(async () => {
  database = await jobDatabase();
  // A time zone far from UTC, as an operator's server may have.
  jobPool = new pg.Pool({ connectionString: database.url, options: "-c timezone=Asia/Tokyo" });
});
afterAll(async () => {
  await jobPool.end();
  await database.close();
});

async function purge(task: string) {
  await addJob(database.db, task, {});
  await runJobs({ pool: jobPool, tasks: purgeTasks, log });
  const { rows } = await database.pool.query("SELECT last_error FROM graphile_worker.jobs WHERE task_identifier = $1", [
    task,
  ]);
  expect(rows).toEqual([]);
}

const userData = (username: string) => ({ username, emails: { create: { address: `${username}@example.com` } } });

describe("purgeKeys", () => {
  it("deletes expired copies of keys and no others", async () => {
    const account = (label: string, keyShownUntil: Date) =>
      database.db.serviceAccount.create({
        data: { label, keyHash: label, keyStart: "abc", keyEncrypted: "v1.x", keyShownUntil, createdBy: "user:x" },
      });
    const [old, young] = [await account("old", past), await account("young", future)];
    await purge("purgeKeys");
    const find = (id: string) => database.db.serviceAccount.findUniqueOrThrow({ where: { id } });
    expect(await find(old.id)).toMatchObject({ keyEncrypted: null, keyShownUntil: null, keyHash: "old" });
    expect(await find(young.id)).toMatchObject({ keyEncrypted: "v1.x", keyShownUntil: future });
  });
});

describe("purgeExpired", () => {
  it("deletes expired sessions, invitations and tokens and no others", async () => {
    const { db } = database;
    for (const [name, expires] of [
      ["past", past],
      ["future", future],
    ] as const) {
      const { id: userId } = await db.user.create({ data: userData(name) });
      await db.session.create({ data: { id: name, userId, expiresAt: expires } });
      await db.invite.create({ data: { id: name, email: `${name}@example.com`, tokenHash: name, expiresAt: expires } });
      await db.email.updateMany({
        where: { userId },
        data: { confirmTokenHash: name, confirmTokenExpiresAt: expires },
      });
      await db.localCredential.create({
        data: { userId, passwordHash: "$2b$", resetTokenHash: name, resetTokenExpiresAt: expires },
      });
    }
    await purge("purgeExpired");
    expect(await db.session.findMany({ select: { id: true } })).toEqual([{ id: "future" }]);
    expect(await db.invite.findMany({ select: { id: true } })).toEqual([{ id: "future" }]);
    const tokens = { confirmTokenHash: true, confirmTokenExpiresAt: true };
    expect(await db.email.findMany({ select: tokens, orderBy: { address: "asc" } })).toEqual([
      { confirmTokenHash: "future", confirmTokenExpiresAt: future },
      { confirmTokenHash: null, confirmTokenExpiresAt: null },
    ]);
    const resets = { resetTokenHash: true, resetTokenExpiresAt: true };
    expect(await db.localCredential.findMany({ select: resets, orderBy: { user: { username: "asc" } } })).toEqual([
      { resetTokenHash: "future", resetTokenExpiresAt: future },
      { resetTokenHash: null, resetTokenExpiresAt: null },
    ]);
  });

  it("deletes mails that were given up 30 days ago", async () => {
    const { pool } = database;
    for (const age of ["31 days", "29 days"]) {
      await pool.query("SELECT graphile_worker.add_job('sendMail', job_key => $1)", [age]);
      await pool.query(
        `UPDATE graphile_worker._private_jobs SET attempts = max_attempts, updated_at = now() - $1::interval WHERE key = $1`,
        [age],
      );
    }
    await purge("purgeExpired");
    const { rows } = await pool.query("SELECT key FROM graphile_worker.jobs");
    expect(rows).toEqual([{ key: "29 days" }]);
    await pool.query("DELETE FROM graphile_worker._private_jobs");
  });
});

describe("purgeExpired of jobs of Deployments", () => {
  it("deletes those that failed after a later one had taken their place", async () => {
    const { pool } = database;
    for (const key of [null, "deployment:1"]) {
      await pool.query("SELECT graphile_worker.add_job('provisionDeployment', job_key => $1)", [key]);
    }
    await pool.query("UPDATE graphile_worker._private_jobs SET attempts = max_attempts");
    await purge("purgeExpired");
    const { rows } = await pool.query("SELECT key FROM graphile_worker.jobs");
    expect(rows).toEqual([{ key: "deployment:1" }]);
    await pool.query("DELETE FROM graphile_worker._private_jobs");
  });
});

describe("unlockJobs", () => {
  it("unlocks the mails of a server that was killed, but not those being sent", async () => {
    const { pool } = database;
    for (const age of ["11 minutes", "1 minute"]) {
      await pool.query("SELECT graphile_worker.add_job('sendMail', job_key => $1)", [age]);
      await pool.query(
        "UPDATE graphile_worker._private_jobs SET locked_by = $1, locked_at = now() - $1::interval WHERE key = $1",
        [age],
      );
    }
    await purge("unlockJobs");
    const { rows } = await pool.query("SELECT key, locked_by FROM graphile_worker.jobs ORDER BY id");
    expect(rows).toEqual([
      { key: "11 minutes", locked_by: null },
      { key: "1 minute", locked_by: "1 minute" },
    ]);
  });
});

describe("jobs of Deployments", () => {
  it("are unlocked when a server was killed while it provisioned, with the queue of the Deployment", async () => {
    const { pool } = database;
    for (const [key, age] of [
      ["killed", "2 minutes"],
      ["running", "1 minute"],
    ]) {
      await pool.query("SELECT graphile_worker.add_job('provisionDeployment', job_key => $1, queue_name => $1)", [key]);
      const locked = "locked_by = $1, locked_at = now() - $2::interval";
      await pool.query(`UPDATE graphile_worker._private_jobs SET ${locked} WHERE key = $1`, [key, age]);
      await pool.query(`UPDATE graphile_worker._private_job_queues SET ${locked} WHERE queue_name = $1`, [key, age]);
    }
    await purge("unlockJobs");
    const free = "SELECT queue_name AS name FROM graphile_worker._private_job_queues WHERE locked_at IS NULL";
    expect((await pool.query(free)).rows).toEqual([{ name: "killed" }]);
    const { rows } = await pool.query(
      "SELECT key FROM graphile_worker.jobs WHERE locked_at IS NOT NULL AND key <> $1",
      ["1 minute"],
    );
    expect(rows).toEqual([{ key: "running" }]);

    await pool.query(
      "SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs WHERE key = 'killed'",
    );
    await purge("purgeQueues");
    const queues = await pool.query("SELECT queue_name AS name FROM graphile_worker._private_job_queues");
    expect(queues.rows).toEqual([{ name: "running" }]);
  });
});

describe("purgeSchedule", () => {
  it("contains existing tasks only", () => {
    expect(purgeSchedule.map(({ task }) => task).sort()).toEqual([...Object.keys(purgeTasks), "purgeUntaken"].sort());
  });
});

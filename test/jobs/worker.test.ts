import { setTimeout as sleep } from "node:timers/promises";
import type { TaskList } from "graphile-worker";
import pg from "pg";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { addJob } from "../../src/platform/jobs/addJob.ts";
import { migrateJobs } from "../../src/platform/jobs/migrateJobs.ts";
import { runJobs, startWorker, type Worker } from "../../src/platform/jobs/worker.ts";
import { createTestDatabase } from "../support/db.ts";
import { jobDatabase } from "./jobDatabase.ts";

const log = pino({ level: "silent" });
let database: Awaited<ReturnType<typeof jobDatabase>>;
let worker: Worker | undefined;

beforeAll(async () => {
  database = await jobDatabase();
});
afterAll(() => database.close());
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await database.pool.query("DELETE FROM graphile_worker._private_jobs");
});

const start = async (tasks: TaskList, stopTimeout?: number) => {
  const { pool } = database;
  worker = await startWorker({ pool, tasks, concurrency: 2, log, ...(stopTimeout ? { stopTimeout } : {}) });
  return worker;
};

async function jobs() {
  const { rows } = await database.pool.query(
    "SELECT * FROM graphile_worker.jobs WHERE task_identifier NOT LIKE 'purge%' AND task_identifier <> 'unlockJobs'",
  );
  return rows;
}

/** A task that runs until it is released. */
function pausedTask() {
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const task = async () => {
    started.resolve();
    await release.promise;
  };
  return { task, started: started.promise, release: release.resolve };
}

describe("migrateJobs", () => {
  it.each([
    ["ten servers", 10, 2],
    ["ten callers that share a pool", 1, 10],
  ])("runs once for %s starting together", async (_who, servers, max) => {
    const { url, drop } = await createTestDatabase({ empty: true });
    const pools = Array.from({ length: servers }, () => new pg.Pool({ connectionString: url, max }));
    await Promise.all(Array.from({ length: 10 }, (_, at) => migrateJobs(pools[at % servers] ?? database.pool, log)));
    const { rows } = (await pools[0]?.query("SELECT count(*)::int AS n FROM graphile_worker.migrations")) ?? {};
    expect(rows?.[0].n).toBeGreaterThan(10);
    await Promise.all(pools.map((pool) => pool.end()));
    await drop();
  });
});

describe("addJob", () => {
  it("runs the job after the commit, not before", async () => {
    const ran = vi.fn();
    await start({ greet: (payload) => ran(payload) });
    await database.db.$transaction(async (tx) => {
      await addJob(tx, "greet", { name: "Ada" });
      await sleep(300);
      expect(ran).not.toHaveBeenCalled();
    });
    await vi.waitFor(() => expect(ran).toHaveBeenCalledWith({ name: "Ada" }), { timeout: 10_000 });
    await expect.poll(jobs).toEqual([]);
  });

  it("runs no job of a rolled-back transaction", async () => {
    const ran = vi.fn();
    const failing = database.db.$transaction(async (tx) => {
      await addJob(tx, "greet", {});
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await runJobs({ pool: database.pool, tasks: { greet: () => ran() }, log });
    expect(ran).not.toHaveBeenCalled();
  });

  it("replaces a waiting job with the same key, and stores the time and attempts", async () => {
    const runAt = new Date("2100-01-01T12:00:00Z");
    await addJob(database.db, "greet", { n: 1 }, { jobKey: "one" });
    await addJob(database.db, "greet", { n: 2 }, { jobKey: "one", maxAttempts: 3, runAt });
    expect(await jobs()).toMatchObject([{ key: "one", max_attempts: 3, run_at: runAt }]);
  });
});

describe("startWorker", () => {
  it("keeps a failed job with its error for a retry", async () => {
    const fails = () => {
      throw new Error("not today");
    };
    await addJob(database.db, "greet", {});
    await runJobs({ pool: database.pool, tasks: { greet: fails }, log });
    expect(await jobs()).toMatchObject([{ attempts: 1, last_error: "not today", locked_at: null }]);
  });

  it("does not warn that there are fewer connections than jobs at a time", async () => {
    const warn = vi.fn();
    const pool = new pg.Pool({ connectionString: database.url, max: 2 });
    const warning = pino({ level: "warn" }, { write: warn });
    worker = await startWorker({ pool, tasks: {}, concurrency: 3, log: warning });
    await worker.stop();
    await pool.end();
    expect(warn).not.toHaveBeenCalled();
  });

  it("waits for running jobs when it stops", async () => {
    const { task, started, release } = pausedTask();
    const running = await start({ greet: task });
    await addJob(database.db, "greet", {});
    await started;
    const stopped = vi.fn();
    const stopping = running.stop().then(stopped);
    await sleep(200);
    expect(stopped).not.toHaveBeenCalled();
    release();
    await stopping;
    expect(await jobs()).toEqual([]);
  });

  it("returns a job that does not end to the queue", async () => {
    const { task, started, release } = pausedTask();
    const running = await start({ greet: task }, 500);
    await addJob(database.db, "greet", {});
    await started;
    const begun = Date.now();
    await running.stop();
    // It would wait for 10 s without the setting.
    expect(Date.now() - begun).toBeLessThan(9_000);
    await expect.poll(jobs).toMatchObject([{ attempts: 1, max_attempts: 25, locked_at: null }]);
    release();
  });

  it("releases the pool's connections when it stops", async () => {
    const running = await start({});
    await expect.poll(() => database.pool.totalCount - database.pool.idleCount).toBe(1);
    await running.stop();
    expect(database.pool.totalCount - database.pool.idleCount).toBe(0);
  });

  it("continues after the database cut every connection", async () => {
    // The library prints a trace besides the log.
    vi.spyOn(console, "trace").mockImplementation(() => {});
    const { task, started, release } = pausedTask();
    const ran = vi.fn();
    await start({ slow: task, greet: () => ran() });
    await addJob(database.db, "slow", {});
    await started;
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`);
    release();
    await admin.query("SELECT graphile_worker.add_job('greet')");
    await admin.end();
    await vi.waitFor(() => expect(ran).toHaveBeenCalled(), { timeout: 20_000, interval: 100 });
  });

  it("restarts when the end of a job could not be stored", async () => {
    const { task, started, release } = pausedTask();
    const ran = vi.fn();
    const failed = vi.spyOn(log, "error");
    await start({ slow: task, greet: () => ran() });
    await addJob(database.db, "slow", {});
    await started;
    await database.pool.query("ALTER TABLE graphile_worker._private_jobs RENAME TO away");
    release();
    const messages = () => failed.mock.calls.map(([, message]) => message);
    await expect.poll(messages).toContainEqual(expect.stringContaining("stopped unexpectedly"));
    await database.pool.query("ALTER TABLE graphile_worker.away RENAME TO _private_jobs");
    await addJob(database.db, "greet", {});
    await vi.waitFor(() => expect(ran).toHaveBeenCalled(), { timeout: 20_000, interval: 100 });
  });
});

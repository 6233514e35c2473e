import { setTimeout as sleep } from "node:timers/promises";
import { runMigrations } from "graphile-worker";
import type pg from "pg";
import type { Logger } from "pino";
import { jobOptions } from "./jobOptions.ts";

/** An arbitrary number that no other advisory lock of ours uses. */
const LOCK = 7_240_118_871;

/**
 * Migrates the job tables (schema `graphile_worker`); takes a few milliseconds if they are up to date. Any number of
 * servers may call it at the same time: one migrates, the others wait. Briefly uses two connections of the pool. Throws
 * if the tables belong to a newer, incompatible version.
 */
export async function migrateJobs(pool: pg.Pool, log: Logger): Promise<void> {
  for (;;) {
    const client = await pool.connect();
    try {
      const { rows } = await client.query<{ locked: boolean }>("SELECT pg_try_advisory_lock($1) AS locked", [LOCK]);
      if (rows[0]?.locked) {
        try {
          return await runMigrations(jobOptions(pool, log));
        } finally {
          await client.query("SELECT pg_advisory_unlock($1)", [LOCK]);
        }
      }
    } finally {
      client.release();
    }
    // Waits without holding a connection: callers that share a pool must not starve the one that migrates.
    await sleep(100);
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import { runMigrations } from "graphile-worker";
import type pg from "pg";
import type { Logger } from "pino";
import { jobOptions } from "./jobOptions.ts";

/** Any fixed number that no other advisory lock of ours uses. */
const LOCK = 7_240_118_871;

/**
 * Brings the job tables (schema `graphile_worker`) up to date; a few milliseconds when they are. Any number of servers
 * may call it at once: one works, the others wait. Needs two connections of the pool for a moment. Throws when the
 * tables belong to a newer version that this one cannot work with.
 */
export async function migrateJobs(pool: pg.Pool, log: Logger): Promise<void> {
  for (;;) {
    const client = await pool.connect();
    try {
      const { rows } = await client.query<{ mine: boolean }>("SELECT pg_try_advisory_lock($1) AS mine", [LOCK]);
      if (rows[0]?.mine) {
        try {
          return await runMigrations(jobOptions(pool, log));
        } finally {
          await client.query("SELECT pg_advisory_unlock($1)", [LOCK]);
        }
      }
    } finally {
      client.release();
    }
    // Waiting without a connection in hand: callers that share a pool must not starve the one that works.
    await sleep(100);
  }
}

import type pg from "pg";
import { expect } from "vitest";

/** Waits until something in the database of `client` waits for a lock, or as many connections as `count`. */
export async function waitForLock(client: pg.Client, count = 1): Promise<void> {
  const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  const waiting = async () => {
    // In a transaction, a client would go on seeing what it saw first.
    await client.query("SELECT pg_stat_clear_snapshot()");
    return (await client.query(sql)).rows.length;
  };
  await expect.poll(waiting, { timeout: 10_000 }).toBeGreaterThanOrEqual(count);
}

import type pg from "pg";
import { connectionSettings, type PoolSettings } from "../../platform/database/connect.ts";
import type { QueryRunner } from "../../platform/database/queryRunner.ts";
import { createBatchRunner } from "./batchRunner.ts";

/** Where statements run. */
export interface Runners {
  reads: QueryRunner;
  writes: QueryRunner;
}

/** Maximum milliseconds that a statement in a batch waits for a lock, because the whole batch waits with it. */
const LOCK_TIMEOUT = 50;

/** The share of `database.pool.max` that batches reads, and the maximum: one Node process cannot keep more connections busy. */
const READERS_SHARE = 0.4;
const MAX_READERS = 4;

/** Minimum `database.pool.max` for which one connection batches writes. */
const ENOUGH_FOR_WRITES = 5;

/** The number of connections that batch reads and writes. They are part of `database.pool.max`. */
export function batchConnections({ max }: Pick<PoolSettings, "max">): { readers: number; writers: number } {
  return { readers: Math.min(MAX_READERS, Math.floor(max * READERS_SHARE)), writers: max >= ENOUGH_FOR_WRITES ? 1 : 0 };
}

/** Runners for the statements of the fast path. What cannot be batched runs on `pool`. */
export function createBatchRunners(
  url: string,
  settings: PoolSettings,
  pool: pg.Pool,
): Runners & { close(): Promise<void> } {
  const connection = connectionSettings(url, settings);
  const shared = {
    connection: { ...connection, options: `${connection.options} -c lock_timeout=${LOCK_TIMEOUT}` },
    acquireTimeout: settings.acquireTimeout,
    // No request waits longer, so nobody needs the result.
    answerTimeout: settings.requestTimeout,
    alone: pool,
  };
  const { readers, writers } = batchConnections(settings);
  const reads = createBatchRunner(readers, { ...shared, writes: false });
  const writes = createBatchRunner(writers, { ...shared, writes: true });
  return { reads, writes, close: async () => void (await Promise.all([reads.close(), writes.close()])) };
}

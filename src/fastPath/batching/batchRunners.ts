import type pg from "pg";
import { connectionSettings, type PoolSettings } from "../../platform/database/connect.ts";
import type { QueryRunner } from "../../platform/database/queryRunner.ts";
import { createBatchRunner } from "./batchRunner.ts";

/** Where statements run. */
export interface Runners {
  reads: QueryRunner;
  writes: QueryRunner;
}

/** Milliseconds that a statement waits for a lock where others wait with it. */
const LOCK_TIMEOUT = 50;

/** The part of `database.pool.max` that batches reads, and how many connections at most: one Node process keeps no more than these busy. */
const READERS_SHARE = 0.4;
const MAX_READERS = 4;

/** From as many connections on, one of them batches writes. */
const ENOUGH_FOR_WRITES = 5;

/**
 * How much longer than statements may run we wait for the end of their transaction, in milliseconds; then the connection is
 * cut. A transaction with more than two statements that run as long as they may is cut too: its clients have given up.
 */
const GRACE = 5_000;
const SLOW_STATEMENTS = 2;

/** How many connections batch reads and writes. They come out of `database.pool.max`. */
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
    answerTimeout: SLOW_STATEMENTS * settings.statementTimeout + GRACE,
    alone: pool,
  };
  const { readers, writers } = batchConnections(settings);
  const reads = createBatchRunner(readers, { ...shared, writes: false });
  const writes = createBatchRunner(writers, { ...shared, writes: true });
  return { reads, writes, close: async () => void (await Promise.all([reads.close(), writes.close()])) };
}

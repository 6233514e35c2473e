import type pg from "pg";
import type { Query, QueryRunner } from "../../platform/database/queryRunner.ts";
import { type Batcher, createBatcher } from "./batcher.ts";

/**
 * Runs statements on connections that each send, as one transaction, the statements that arrived while they were busy. With a
 * pool, a connection serves one request at a time, so each statement costs a transaction and a round trip of its own, and each
 * write a disk flush. A single statement is sent alone. No write is confirmed before it is committed, and a statement that
 * PostgreSQL rejects fails alone.
 */
export interface BatchRunner extends QueryRunner {
  /** Ends every connection after finishing the accepted statements. */
  close(): Promise<void>;
}

export interface BatchSettings {
  connection: pg.ClientConfig;
  /** True if the statements write: a rejected statement rolls back the others. Reads that succeeded need no second run. */
  writes: boolean;
  /** Maximum milliseconds that a statement waits for its transaction to begin. */
  acquireTimeout: number;
  /** Milliseconds without a response to a statement, since it arrived, after which its connection is destroyed. */
  answerTimeout: number;
  /** Runs single statements. */
  alone: QueryRunner;
}

/**
 * A runner on `count` connections, possibly none. Each opens on first use. A statement goes to the least busy connection,
 * or to `alone` if all are full, slow or have just failed.
 */
export function createBatchRunner(count: number, settings: BatchSettings): BatchRunner {
  const batchers = Array.from({ length: count }, () => createBatcher(settings));
  return {
    query<Row extends pg.QueryResultRow>(query: Query) {
      let best: Batcher | undefined;
      let least = Number.POSITIVE_INFINITY;
      for (const batcher of batchers) {
        const load = batcher.load();
        if (load < least) [best, least] = [batcher, load];
      }
      return (best ?? settings.alone).query<Row>(query);
    },
    async close() {
      await Promise.all(batchers.map((batcher) => batcher.close()));
    },
  };
}

import type pg from "pg";
import type { Query, QueryRunner } from "../../platform/database/queryRunner.ts";
import { type Batcher, createBatcher } from "./batcher.ts";

/**
 * Runs statements on connections that each send what has arrived while they were busy as one transaction. A pool gives a connection
 * to one request until it is answered, so each statement costs a transaction and a round trip of its own, and each write a disk
 * flush. A single statement is sent alone. No write is confirmed before it is committed, and a statement that PostgreSQL rejects
 * fails alone.
 */
export interface BatchRunner extends QueryRunner {
  /** Ends every connection, after the statements that were accepted. */
  close(): Promise<void>;
}

export interface BatchSettings {
  connection: pg.ClientConfig;
  /** What the statements write is rolled back where one of them is rejected; reads need no second run. */
  writes: boolean;
  /** Milliseconds that a statement waits at most for its transaction to begin. */
  acquireTimeout: number;
  /** Milliseconds without an answer after which a connection is cut. */
  answerTimeout: number;
  /** Runs single statements. */
  alone: QueryRunner;
}

/**
 * A runner on `count` connections, possibly none. Each opens when first used. A statement goes to the connection with the least to
 * do, or to `alone` when all are full, slow or have just failed.
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

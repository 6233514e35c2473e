import type pg from "pg";
import type { Query, QueryRunner } from "../../platform/database/queryRunner.ts";
import { type PreparedQuery, prepareValue, type Result, type Rows, runTransaction } from "./batchQuery.ts";
import type { BatchSettings } from "./batchRunner.ts";
import { reconnectingClient } from "./reconnectingClient.ts";

/** One connection and its queue of statements. */
export interface Batcher extends QueryRunner {
  /** Statements without an answer, more the longer the current transaction takes; Infinity when it accepts no more. */
  load(): number;
  /** Ends the connection, after the statements that were accepted. */
  close(): Promise<void>;
}

interface Queued {
  query: PreparedQuery;
  resolve(result: { rows: Rows }): void;
  reject(error: unknown): void;
  /** When it arrived, on the clock of `performance.now()`. */
  since: number;
  /** It was in a transaction in which another statement was rejected. */
  retried: boolean;
}

/** Statements in one transaction: each waits for all of them, and holds its locks as long. */
const MAX_BATCH = 16;

const MAX_QUEUED = 64;

/** Milliseconds after which a running transaction lets the batcher accept no new statements. */
const SLOW = 100;

/** Milliseconds for which a batcher whose connection failed accepts no new statements. */
const BACK_OFF = 1_000;

/** A statement waited too long for a lock while others waited with it: alone it may wait. */
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Sends what has arrived while the connection was busy as one transaction. When PostgreSQL rejects a statement, that one is run
 * `alone`, so that it fails or succeeds as if it had been sent alone (unless nothing was written before it: then its error stands),
 * and the others are sent once more; a statement that meets a second rejection is run alone too. A connection that leaves a
 * transaction unanswered for `answerTimeout` milliseconds is cut.
 */
export function createBatcher({ connection, writes, acquireTimeout, answerTimeout, alone }: BatchSettings): Batcher {
  const client = reconnectingClient(connection);
  const queue: Queued[] = [];
  let inFlight = 0;
  let begun = 0;
  let resumes = 0;
  /** The next transaction's size: smaller while statements are rejected, because the others have to run again. */
  let batchSize = MAX_BATCH;
  let closed = false;
  let running: Promise<void> | undefined;
  const single = new Set<Promise<void>>();

  const runQueue = async () => {
    while (queue.length > 0) {
      const batch = queue.splice(0, batchSize).filter(inTime);
      inFlight = batch.length;
      begun = performance.now();
      if (batch.length > 0) await runBatch(batch);
    }
    inFlight = 0;
    running = undefined;
  };
  /** Fails a statement that has waited as long as one waits for a connection of the pool. */
  const inTime = ({ since, retried, reject }: Queued): boolean => {
    if (retried || performance.now() - since < acquireTimeout) return true;
    reject(Object.assign(new Error("No connection in time"), { code: "ETIMEDOUT" }));
    return false;
  };
  const runBatch = async (batch: readonly Queued[]) => {
    const queries = batch.map(({ query }) => query);
    try {
      const result = await client.use(answerTimeout, (connected, prepared) =>
        runTransaction(connected, queries, prepared),
      );
      const { rows, rejected } = result;
      batchSize = rejected ? Math.max(1, batchSize >> 1) : Math.min(MAX_BATCH, 2 * batchSize);
      if (rejected) queue.unshift(...batch.filter((one, n) => !finish(one, n, batch.length, { rows, rejected })));
      else for (const [n, { resolve }] of batch.entries()) resolve({ rows: rows[n] ?? [] });
    } catch (error) {
      resumes = performance.now() + BACK_OFF;
      for (const { reject } of batch) reject(error);
    }
  };
  /** Answers the `n`th of `count` statements or runs it alone, after one was rejected; false if it can be sent again. */
  const finish = (one: Queued, n: number, count: number, { rows, rejected }: Required<Result>): boolean => {
    const isRejected = n === rows.length;
    const mayFailBecauseOfOthers = (writes && count > 1) || rejected.code === LOCK_NOT_AVAILABLE;
    // What was written is rolled back; what was read is still right.
    if (!writes && n < rows.length) one.resolve({ rows: rows[n] ?? [] });
    else if (isRejected && !mayFailBecauseOfOthers) one.reject(rejected);
    else if (isRejected || one.retried || rows.length === count) runAlone(one);
    else {
      one.retried = true;
      return false;
    }
    return true;
  };
  const runAlone = ({ query, resolve, reject }: Queued) => {
    const ended = alone
      .query<Record<string, unknown>>(query)
      .then(resolve, reject)
      .finally(() => single.delete(ended));
    single.add(ended);
  };
  return {
    load() {
      const now = performance.now();
      if (closed || queue.length >= MAX_QUEUED || now < resumes) return Number.POSITIVE_INFINITY;
      if (inFlight === 0) return queue.length;
      // Each millisecond counts as much as a statement.
      return now - begun > SLOW ? Number.POSITIVE_INFINITY : queue.length + inFlight + now - begun;
    },
    query<Row extends pg.QueryResultRow>(query: Query) {
      return new Promise<{ rows: Row[] }>((resolve, reject) => {
        queue.push({
          query: { ...query, values: query.values.map(prepareValue) },
          resolve: resolve as Queued["resolve"],
          reject,
          since: performance.now(),
          retried: false,
        });
        // Whatever else arrives in this turn of the event loop joins the batch.
        running ??= new Promise(setImmediate).then(runQueue);
      });
    },
    async close() {
      closed = true;
      await running;
      await Promise.all(single);
      await client.retire();
    },
  };
}

import type pg from "pg";
import { type DatabaseTime, databaseTime, timedOut } from "../../platform/database/databaseTime.ts";
import type { Query, QueryRunner } from "../../platform/database/queryRunner.ts";
import { isConflict } from "../../platform/database/retryConflicts.ts";
import { type PreparedQuery, prepareValue, type Result, type Rows, runTransaction } from "./batchQuery.ts";
import type { BatchSettings } from "./batchRunner.ts";
import { reconnectingClient } from "./reconnectingClient.ts";

/** One connection and its queue of statements. */
export interface Batcher extends QueryRunner {
  /** The number of unfinished statements, plus the milliseconds of the current transaction; Infinity if it accepts no more. */
  load(): number;
  /** Ends the connection after finishing the accepted statements. */
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
  /** What the request has left, which a statement that runs alone uses up. */
  time: DatabaseTime | undefined;
}

/** Maximum number of statements in one transaction: each waits for all of them and holds its locks until then. */
const MAX_BATCH = 16;

const MAX_QUEUED = 64;

const resolve = ({ time, resolve }: Queued, result: { rows: Rows }): void => {
  time?.end();
  resolve(result);
};
const reject = ({ time, reject }: Queued, error: unknown): void => {
  time?.end();
  reject(error);
};

/** Milliseconds after which a batcher with a running transaction accepts no new statements. */
const SLOW = 100;

/** Milliseconds for which a batcher whose connection failed accepts no new statements. */
const BACK_OFF = 1_000;

/** A statement waited too long for a lock while others waited for it. Run alone, it can wait longer. */
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Sends the statements that arrived while the connection was busy as one transaction. A statement that PostgreSQL rejects is
 * run `alone`, so that the others cannot affect its result (if nothing was written before it, its error is final), and the
 * others are retried once; a statement in a second batch with a rejection is also run alone. A connection is destroyed
 * when a statement on it has had no response for `answerTimeout` milliseconds since it arrived.
 */
export function createBatcher({ connection, writes, acquireTimeout, answerTimeout, alone }: BatchSettings): Batcher {
  const client = reconnectingClient(connection);
  const queue: Queued[] = [];
  let inFlight = 0;
  let begun = 0;
  let pausedUntil = 0;
  /** The next transaction's size: smaller while statements are rejected, because the others have to run again. */
  let batchSize = MAX_BATCH;
  let closed = false;
  let running: Promise<void> | undefined;
  const runningAlone = new Set<Promise<void>>();

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
  /** Rejects a statement that has waited for `acquireTimeout`, as the pool does. */
  const inTime = (one: Queued): boolean => {
    if (performance.now() - one.since < (one.retried ? answerTimeout : acquireTimeout)) return true;
    reject(one, timedOut("Timed out waiting for a connection"));
    return false;
  };
  const runBatch = async (batch: readonly Queued[]) => {
    const queries = batch.map(({ query }) => query);
    const oldest = Math.min(...batch.map(({ since }) => since));
    try {
      const result = await client.use(oldest + answerTimeout - performance.now(), (connected, prepared) =>
        runTransaction(connected, queries, prepared),
      );
      const { rows, rejected } = result;
      batchSize = rejected ? Math.max(1, batchSize >> 1) : Math.min(MAX_BATCH, 2 * batchSize);
      if (rejected) queue.unshift(...batch.filter((one, n) => !finish(one, n, batch.length, { rows, rejected })));
      else for (const [n, one] of batch.entries()) resolve(one, { rows: rows[n] ?? [] });
    } catch (error) {
      pausedUntil = performance.now() + BACK_OFF;
      for (const one of batch) reject(one, error);
    }
  };
  /** Resolves, rejects or runs alone the `n`th of `count` statements after one was rejected; false if it can be retried. */
  const finish = (one: Queued, n: number, count: number, { rows, rejected }: Required<Result>): boolean => {
    const isRejected = n === rows.length;
    // Run alone, a statement is also repeated after a conflict.
    const mayFailBecauseOfOthers =
      (writes && count > 1) || rejected.code === LOCK_NOT_AVAILABLE || isConflict(rejected);
    // Writes are rolled back; rows that were read are still valid.
    if (!writes && n < rows.length) resolve(one, { rows: rows[n] ?? [] });
    else if (isRejected && !mayFailBecauseOfOthers) reject(one, rejected);
    else if (isRejected || one.retried || rows.length === count) runAlone(one);
    else {
      one.retried = true;
      return false;
    }
    return true;
  };
  const runAlone = ({ query, resolve, reject, time }: Queued) => {
    const run = () => alone.query<Record<string, unknown>>(query);
    const ended = (time ? time.run(run) : run()).then(resolve, reject).finally(() => runningAlone.delete(ended));
    runningAlone.add(ended);
  };
  return {
    load() {
      const now = performance.now();
      if (closed || queue.length >= MAX_QUEUED || now < pausedUntil) return Number.POSITIVE_INFINITY;
      if (inFlight === 0) return queue.length;
      // Each millisecond counts like one statement.
      return now - begun > SLOW ? Number.POSITIVE_INFINITY : queue.length + inFlight + now - begun;
    },
    query<Row extends pg.QueryResultRow>(query: Query) {
      return new Promise<{ rows: Row[] }>((resolve, reject) => {
        const time = databaseTime();
        time?.begin();
        queue.push({
          query: { ...query, values: query.values.map(prepareValue) },
          resolve: resolve as Queued["resolve"],
          reject,
          since: performance.now(),
          retried: false,
          time,
        });
        // Statements that arrive in the same turn of the event loop join the batch.
        running ??= new Promise(setImmediate).then(runQueue);
      });
    },
    async close() {
      closed = true;
      await running;
      await Promise.all(runningAlone);
      await client.retire();
    },
  };
}

import type pg from "pg";
import { laneConnection } from "./laneConnection.ts";
import type { LaneSettings, Statement } from "./lanes.ts";
import { type Outcome, prepareValue, type Ready, type Rows, runTransaction } from "./transaction.ts";

/** One connection, and the statements that wait for it. */
export interface Lane {
  /** Statements without an answer, more of them the longer the transaction under way takes; Infinity when it takes no more. */
  load(): number;
  query<Row extends pg.QueryResultRow>(statement: Statement): Promise<Row[]>;
  /** Ends the connection, after what waits and what is under way. */
  close(): Promise<void>;
}

/** A statement, and whoever waits for its rows. */
interface Waiting {
  statement: Ready;
  resolve(rows: Rows): void;
  reject(error: unknown): void;
  /** When it came in, on the clock of `performance.now()`. */
  since: number;
  /** It was in a transaction in which another statement was refused. */
  again: boolean;
}

/** Statements of one transaction at most: each waits for all, and holds what it locks as long. */
const MOST_TOGETHER = 16;

/** Statements that wait for the next transactions at most. */
const FULL = 64;

/** Milliseconds after which a transaction under way keeps all others away: they have better places to wait. */
const SLOW = 100;

/** Milliseconds for which a lane whose connection did not open, or broke, keeps all others away. */
const REST = 1_000;

/** A statement waited for a lock longer than others may be kept waiting: alone it has time. */
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * A lane that sends what has come in while it was busy as one transaction. When PostgreSQL refuses a statement, that one is run
 * `alone`, so that it fails or succeeds as if there had been no others (unless nothing was written before it: then that is plain),
 * and the others go along once more; who meets a second refusal is run alone too. A connection that leaves a transaction without
 * an answer for `patience` milliseconds is broken.
 */
export function createLane({ connection: settings, writes, acquireTimeout, patience, alone }: LaneSettings): Lane {
  const connection = laneConnection(settings);
  const waiting: Waiting[] = [];
  let underWay = 0;
  let begun = 0;
  let rested = 0;
  /** Statements of the next transaction at most: fewer while many are refused, for whose sake others are undone. */
  let most = MOST_TOGETHER;
  let closed = false;
  let running: Promise<void> | undefined;
  const single = new Set<Promise<void>>();

  const runAll = async () => {
    while (waiting.length > 0) {
      const together = waiting.splice(0, most).filter(inTime);
      underWay = together.length;
      begun = performance.now();
      if (together.length > 0) await runTogether(together);
    }
    underWay = 0;
    running = undefined;
  };
  /** Tells a statement that has waited as long as one waits for a connection of the pool; whoever asked may have given up. */
  const inTime = ({ since, again, reject }: Waiting): boolean => {
    if (again || performance.now() - since < acquireTimeout) return true;
    reject(Object.assign(new Error("No connection in time"), { code: "ETIMEDOUT" }));
    return false;
  };
  const runTogether = async (together: readonly Waiting[]) => {
    const statements = together.map(({ statement }) => statement);
    try {
      const outcome = await connection.use(patience, (client, prepared) =>
        runTransaction(client, statements, prepared),
      );
      const { rows, refused } = outcome;
      most = refused ? Math.max(1, most >> 1) : Math.min(MOST_TOGETHER, 2 * most);
      if (refused) waiting.unshift(...together.filter((one, n) => !settle(one, n, together.length, { rows, refused })));
      else for (const [n, { resolve }] of together.entries()) resolve(rows[n] ?? []);
    } catch (error) {
      rested = performance.now() + REST;
      for (const { reject } of together) reject(error);
    }
  };
  /** Gives the `n`th of `count` statements its outcome or has it run alone, after one was refused; false if it can go along again. */
  const settle = (one: Waiting, n: number, count: number, { rows, refused }: Required<Outcome>): boolean => {
    const isRefused = n === rows.length;
    const mayFailForOthers = (writes && count > 1) || refused.code === LOCK_NOT_AVAILABLE;
    // What was written is undone, what was read is still right.
    if (!writes && n < rows.length) one.resolve(rows[n] ?? []);
    else if (isRefused && !mayFailForOthers) one.reject(refused);
    else if (isRefused || one.again || rows.length === count) runAlone(one);
    else {
      one.again = true;
      return false;
    }
    return true;
  };
  const runAlone = ({ statement, resolve, reject }: Waiting) => {
    const ended = alone(statement)
      .then(resolve, reject)
      .finally(() => single.delete(ended));
    single.add(ended);
  };
  return {
    load() {
      const now = performance.now();
      if (closed || waiting.length >= FULL || now < rested) return Number.POSITIVE_INFINITY;
      if (underWay === 0) return waiting.length;
      // Each millisecond counts as much as a statement.
      return now - begun > SLOW ? Number.POSITIVE_INFINITY : waiting.length + underWay + now - begun;
    },
    query<Row extends pg.QueryResultRow>(statement: Statement) {
      return new Promise<Row[]>((resolve, reject) => {
        const ready = { ...statement, values: statement.values.map(prepareValue) };
        waiting.push({
          statement: ready,
          resolve: resolve as Waiting["resolve"],
          reject,
          since: performance.now(),
          again: false,
        });
        // What else comes in during this turn of the event loop goes along.
        running ??= new Promise(setImmediate).then(runAll);
      });
    },
    async close() {
      closed = true;
      await running;
      await Promise.all(single);
      await connection.retire();
    },
  };
}

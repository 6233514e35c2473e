import type pg from "pg";
import { laneConnection } from "./laneConnection.ts";
import type { LaneSettings, Statement } from "./lanes.ts";
import { type Outcome, prepareValue, type Ready, type Rows, runTransaction } from "./transaction.ts";

/** One connection, and the statements that wait for it. */
export interface Lane {
  /** Statements without an answer, and more of them the longer the transaction under way takes. */
  load(): number;
  /** Undefined, with nothing sent, when too many wait. */
  query<Row extends pg.QueryResultRow>(statement: Statement): Promise<Row[]> | undefined;
  /** Ends the connection, after what waits and what is under way. */
  close(): Promise<void>;
}

/** A statement, and whoever waits for its rows. */
interface Waiting {
  statement: Ready;
  resolve(rows: Rows): void;
  reject(error: unknown): void;
  /** It was in a transaction in which another statement was refused. */
  again: boolean;
}

/** Statements of one transaction at most: each waits for all, and holds what it locks as long. */
const MOST_TOGETHER = 16;

/** Statements that wait for the next transactions at most. */
const FULL = 64;

/** A statement waited for a lock longer than others may be kept waiting: alone it has time. */
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * A lane that sends what has come in while it was busy as one transaction. When PostgreSQL refuses a statement, that one is run
 * `alone`, where it fails or succeeds as if there had been no others, and the others together once more; who meets a second
 * refusal is run alone too. A connection that leaves a transaction without an answer for `patience` milliseconds is broken.
 */
export function createLane({ connection: settings, writes, patience, alone }: LaneSettings): Lane {
  const connection = laneConnection(settings);
  const waiting: Waiting[] = [];
  let underWay = 0;
  let begun = 0;
  let running: Promise<void> | undefined;
  const single = new Set<Promise<void>>();

  const runAll = async () => {
    while (waiting.length > 0) {
      const together = waiting.splice(0, MOST_TOGETHER);
      underWay = together.length;
      begun = performance.now();
      await runTogether(together);
    }
    underWay = 0;
    running = undefined;
  };
  const runTogether = async (together: readonly Waiting[]) => {
    const statements = together.map(({ statement }) => statement);
    try {
      const outcome = await connection.use(patience, (client, prepared) =>
        runTransaction(client, statements, prepared),
      );
      const { rows, refused } = outcome;
      if (refused) waiting.unshift(...together.filter((one, n) => !settle(one, n, together.length, { rows, refused })));
      else for (const [n, { resolve }] of together.entries()) resolve(rows[n] ?? []);
    } catch (error) {
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
    // Each millisecond counts as much as a statement: one that is slow keeps others away.
    load: () => waiting.length + (underWay > 0 ? underWay + performance.now() - begun : 0),
    query<Row extends pg.QueryResultRow>(statement: Statement) {
      if (waiting.length >= FULL) return undefined;
      return new Promise<Row[]>((resolve, reject) => {
        const ready = { ...statement, values: statement.values.map(prepareValue) };
        waiting.push({ statement: ready, resolve: resolve as Waiting["resolve"], reject, again: false });
        // What else comes in during this turn of the event loop goes along.
        running ??= new Promise(setImmediate).then(runAll);
      });
    },
    async close() {
      await running;
      await Promise.all(single);
      await connection.retire();
    },
  };
}

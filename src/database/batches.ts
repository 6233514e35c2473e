import { once } from "node:events";
import pg from "pg";
import { cut, laneConnection, withCode } from "./laneConnection.ts";
import type { Lanes, Statement } from "./lanes.ts";

type Rows = Record<string, unknown>[];

/** A statement with its values as pg sends them, and whoever waits for its rows. */
interface Waiting {
  statement: Statement & { values: (string | Buffer | null)[] };
  resolve(rows: Rows): void;
  reject(error: unknown): void;
}

/** Statements of one transaction at most: each waits for all, and holds what it locks as long. */
const MOST_TOGETHER = 16;

/** Statements that wait for the next transactions at most. */
const FULL = 64;

/**
 * A connection for writes that are one statement each. Those that come in while it is busy go out together as one
 * transaction, for which PostgreSQL waits for the disk once and not for each; a write that comes in alone goes out alone.
 * Nobody is told before the transaction is safe. When PostgreSQL refuses one of the statements, nothing of the transaction was
 * written: then `alone` runs each by itself, so each fails or succeeds as if there had been no others. A connection that
 * leaves a transaction without an answer for `patience` milliseconds is broken.
 */
export function createBatches(
  settings: pg.ClientConfig,
  patience: number,
  alone: (statement: Statement) => Promise<Rows>,
): Lanes {
  const connection = laneConnection(settings);
  const waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  const single = new Set<Promise<void>>();

  const runAll = async () => {
    while (waiting.length > 0) await runBatch(waiting.splice(0, MOST_TOGETHER));
    running = undefined;
  };
  const runBatch = async (batch: readonly Waiting[]) => {
    try {
      const client = await connection.open();
      const results = await answersOf(client, batch, connection.prepared, patience);
      if (results) for (const [n, { resolve }] of batch.entries()) resolve(results[n] ?? []);
      else for (const one of batch) runAlone(one);
    } catch (error) {
      for (const { reject } of batch) reject(withCode(error as Error));
    }
  };
  const runAlone = ({ statement, resolve, reject }: Waiting) => {
    const ended = alone(statement)
      .then(resolve, reject)
      .finally(() => single.delete(ended));
    single.add(ended);
  };
  return {
    query<Row extends pg.QueryResultRow>(statement: Statement) {
      if (waiting.length >= FULL) return undefined;
      return new Promise<Row[]>((resolve, reject) => {
        const values = statement.values.map(prepareValue);
        waiting.push({ statement: { ...statement, values }, resolve: resolve as Waiting["resolve"], reject });
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

/**
 * The rows of each statement, once all are committed; undefined when PostgreSQL refused one and is ready again, because then
 * all is undone. Throws when the connection ended, whatever PostgreSQL said before.
 */
async function answersOf(client: pg.Client, batch: readonly Waiting[], prepared: Set<string>, patience: number) {
  const timer = setTimeout(cut, patience, client);
  try {
    return await new Promise<Rows[] | undefined>((resolve, reject) => {
      const statements = batch.map(({ statement }) => statement);
      const done = (error: Error | undefined, rows: Rows[]) => {
        if (!error) resolve(rows);
        // The wait ends with an error where the connection does.
        else if (error instanceof pg.DatabaseError) resolve(once(client, "drain").then(() => undefined));
        else reject(error);
      };
      client.query(new Transaction(statements, prepared, done));
    });
  } finally {
    clearTimeout(timer);
  }
}

/** What pg lets a query of one's own do with a connection; its types know only half of it. */
interface Connection {
  stream: { cork(): void; uncork(): void };
  close(message: { type: "S"; name: string }): void;
  parse(message: { name: string; text: string }): void;
  bind(message: { statement: string; values: readonly (string | Buffer | null)[] }): void;
  describe(message: { type: "P" }): void;
  execute(message: { rows?: number }): void;
  sync(): void;
}

/**
 * Statements sent before one Sync, which PostgreSQL runs as one transaction
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING); pg calls its methods as answers come.
 */
class Transaction implements pg.Submittable {
  readonly statements: readonly Waiting["statement"][];
  readonly #prepared: Set<string>;
  readonly #done: (error: Error | undefined, rows: Rows[]) => void;
  readonly #rows: Rows[] = [[]];
  #fields: readonly pg.FieldDef[] = [];

  /** `prepared` names what the connection has prepared, and gets what is known to be prepared after a good end. */
  constructor(
    statements: readonly Waiting["statement"][],
    prepared: Set<string>,
    done: (error: Error | undefined, rows: Rows[]) => void,
  ) {
    this.statements = statements;
    this.#prepared = prepared;
    this.#done = done;
  }

  submit(connection: unknown): void {
    const to = connection as Connection;
    const known = new Set(this.#prepared);
    to.stream.cork();
    for (const { name = "", text, values } of this.statements) {
      if (!known.has(name)) {
        // A transaction that failed may have prepared it all the same.
        if (name) to.close({ type: "S", name });
        to.parse({ name, text });
        if (name) known.add(name);
      }
      to.bind({ statement: name, values });
      to.describe({ type: "P" });
      to.execute({});
    }
    to.sync();
    to.stream.uncork();
  }

  handleRowDescription({ fields }: { fields: readonly pg.FieldDef[] }): void {
    this.#fields = fields;
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    const row: Record<string, unknown> = {};
    for (const [n, { name, dataTypeID }] of this.#fields.entries()) {
      const text = fields[n] ?? null;
      row[name] = text === null ? null : pg.types.getTypeParser(dataTypeID)(text);
    }
    this.#rows.at(-1)?.push(row);
  }

  handleCommandComplete(): void {
    this.#rows.push([]);
  }

  handleError(error: Error): void {
    this.#done(error, []);
  }

  handleReadyForQuery(): void {
    for (const { name } of this.statements) if (name) this.#prepared.add(name);
    this.#done(undefined, this.#rows);
  }
}

/** How pg writes a value. */
const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): string | Buffer | null } }).utils;

import { once } from "node:events";
import pg from "pg";
import type { Query } from "../../platform/database/queryRunner.ts";

/** Rows of one statement. */
export type Rows = Record<string, unknown>[];

/** A statement with its values as pg sends them. */
export type PreparedQuery = Query & { values: (string | Buffer | null)[] };

/** Converts a value as pg does. */
export const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): string | Buffer | null } })
  .utils;

/** How a transaction ended. */
export interface Result {
  /** The rows of each statement, or of those before the rejected one. */
  rows: Rows[];
  /** Why PostgreSQL rejected a statement or the commit. The transaction is rolled back, and the connection is ready again. */
  rejected?: pg.DatabaseError;
}

/**
 * Runs queries as one transaction and returns their rows once it is committed. They are sent together before one Sync
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING). `prepared` names what the connection has
 * prepared; queries known to be prepared after a commit are added. Throws if the connection ended,
 * even after PostgreSQL reported an error.
 */
export function runTransaction(
  client: pg.Client,
  queries: readonly PreparedQuery[],
  prepared: Set<string>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    client.query(
      new PipelinedTransaction(queries, prepared, (error, rows) => {
        if (!error) resolve({ rows });
        // Waiting for the end of the transaction throws if the connection ends.
        else if (error instanceof pg.DatabaseError)
          resolve(once(client, "drain").then(() => ({ rows, rejected: error })));
        else reject(error);
      }),
    );
  });
}

/** The methods of a connection that a custom query can call; pg's types cover only some of them. */
interface Connection {
  stream: { cork(): void; uncork(): void };
  close(message: { type: "S"; name: string }): void;
  parse(message: { name: string; text: string }): void;
  bind(message: { statement: string; values: readonly (string | Buffer | null)[] }): void;
  describe(message: { type: "P" }): void;
  execute(message: { rows?: number }): void;
  sync(): void;
}

/** pg calls its methods as messages arrive. */
class PipelinedTransaction implements pg.Submittable {
  readonly queries: readonly PreparedQuery[];
  readonly #prepared: Set<string>;
  readonly #done: (error: Error | undefined, rows: Rows[]) => void;
  readonly #rows: Rows[] = [];
  #current: Rows = [];
  #fields: readonly pg.FieldDef[] = [];

  constructor(
    queries: readonly PreparedQuery[],
    prepared: Set<string>,
    done: (error: Error | undefined, rows: Rows[]) => void,
  ) {
    this.queries = queries;
    this.#prepared = prepared;
    this.#done = done;
  }

  submit(connection: unknown): void {
    const to = connection as Connection;
    const known = new Set(this.#prepared);
    to.stream.cork();
    for (const { name = "", text, values } of this.queries) {
      if (!known.has(name)) {
        // A failed transaction may have prepared it.
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
    this.#current.push(row);
  }

  handleCommandComplete(): void {
    this.#rows.push(this.#current);
    this.#current = [];
  }

  handleError(error: Error): void {
    this.#done(error, this.#rows);
  }

  handleReadyForQuery(): void {
    for (const { name } of this.queries) if (name) this.#prepared.add(name);
    this.#done(undefined, this.#rows);
  }
}

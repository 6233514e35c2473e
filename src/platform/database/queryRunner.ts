import type pg from "pg";

/** One statement. With a name it is prepared on the connection that runs it. */
export interface Query {
  name?: string;
  text: string;
  values: unknown[];
}

/** Runs single statements: a `pg.Pool`, or whatever sends several statements together. */
export interface QueryRunner {
  /** Throws what PostgreSQL rejects, and an error with a code when no connection was free in time or it broke. */
  query<Row extends pg.QueryResultRow>(query: Query): Promise<{ rows: Row[] }>;
}

import type pg from "pg";

/** One statement. If it has a name, it is prepared on the connection that runs it. */
export interface Query {
  name?: string;
  text: string;
  values: unknown[];
}

/** Runs single statements: a `pg.Pool`, or a runner that sends several statements as a batch. */
export interface QueryRunner {
  /** Throws PostgreSQL's errors, and an error with a code if no connection became free in time or the connection broke. */
  query<Row extends pg.QueryResultRow>(query: Query): Promise<{ rows: Row[] }>;
}

import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

/** A database that belongs to one test file or test. */
export interface TestDatabase {
  url: string;
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>;
}

/** A database of one's own, 0.05–0.4 s: a copy of the migrated template, or an empty one with `{ empty: true }`. */
export async function createTestDatabase({ empty = false } = {}): Promise<TestDatabase> {
  const template = new URL(inject("templateUrl"));
  const name = `test_${randomBytes(6).toString("hex")}`;
  const source = empty ? "template0" : template.pathname.slice(1);
  // The fast way to copy where nothing must survive a crash.
  await onServer(ONE_AT_A_TIME, `CREATE DATABASE "${name}" TEMPLATE "${source}" STRATEGY FILE_COPY`);
  const url = new URL(template);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(goodbyes(name), `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`) };
}

/**
 * Waits a second at most until nobody is connected to a database: a client that has said goodbye, but whose connection is cut
 * before PostgreSQL has heard it, reports an error that nobody listens to any more.
 */
const goodbyes = (name: string) => `DO $$ BEGIN
  FOR n IN 1..50 LOOP
    PERFORM pg_stat_clear_snapshot();
    EXIT WHEN NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = '${name}');
    PERFORM pg_sleep(0.02);
  END LOOP;
END $$`;

// PostgreSQL refuses a second copy of a template while one is being made: one at a time, over all workers.
const ONE_AT_A_TIME = "SELECT pg_advisory_lock(817001)";

/** Runs statements, one after the other, on the server's own database. */
async function onServer(...sql: string[]): Promise<void> {
  const url = new URL(inject("templateUrl"));
  url.pathname = "/postgres";
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    // CREATE and DROP DATABASE want to be sent alone.
    for (const statement of sql) await client.query(statement);
  } finally {
    await client.end();
  }
}

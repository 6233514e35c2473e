import pg from "pg";
import { pino } from "pino";
import { afterAll, describe, expect, it } from "vitest";
import { migrate } from "../../src/platform/database/migrate.ts";
import { readMigrations } from "../../src/platform/database/migrations.ts";
import { createTestDatabase } from "../support/db.ts";
import { figures } from "../support/figures.ts";
import { inTime } from "../support/inTime.ts";
import { replicasOn } from "../support/replicas.ts";

const REPLICAS = 10;
/** Milliseconds until all are ready. Each takes two seconds of processor time to start. */
const READY = 60_000;
/** How long to wait for them, so that a failure has a figure. */
const LIMIT = 200_000;

const known = await readMigrations();

describe.each([
  ["an empty database", 0],
  ["a database that is two versions old", known.length - 2],
])("on %s", async (name, applied) => {
  const database = await createTestDatabase({ empty: true });
  afterAll(() => database.drop());
  const replicas = await replicasOn(database.url, REPLICAS, { DATABASE__POOL__MAX: "5" });

  it(`F8: ten replicas that start together on ${name} become ready, and migrate once`, {
    timeout: LIMIT + 60_000,
  }, async () => {
    if (applied > 0) await migrate(database.url, pino({ level: "silent" }), known.slice(0, applied));
    // Throws for one that exits.
    const times = await Promise.all(replicas.map((replica) => replica.start(LIMIT)));
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      `SELECT migration_name AS name FROM "_prisma_migrations" ORDER BY 1`,
    );
    await client.end();
    figures("F8", { replicas: times.length, migrations: rows.length, "slowest start ms": Math.max(...times) });
    expect(rows.map((row) => row.name)).toEqual(known.map((one) => one.name));
    inTime(Math.max(...times), READY);
    const stops = await Promise.all(replicas.map((replica) => replica.stop()));
    expect(stops).toEqual(replicas.map(() => 0));
  });
});

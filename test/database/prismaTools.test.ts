import type { MigrationList, SchemaEngine, SchemaFilter } from "@prisma/schema-engine-wasm";
import pg from "pg";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { schemaEngine } from "../../scripts/schemaEngine.ts";
import { migrate } from "../../src/platform/database/migrate.ts";
import { type Migration, migrationsFolder, readMigrations } from "../../src/platform/database/migrations.ts";
import { createTestDatabase } from "../support/db.ts";

const log = pino({ level: "silent" });
const filters = { externalTables: [], externalEnums: [] };
const listOf = (migrations: readonly Migration[]): MigrationList => ({
  baseDir: migrationsFolder,
  lockfile: { path: "migration_lock.toml", content: 'provider = "postgresql"' },
  shadowDbInitScript: "",
  migrationDirectories: migrations.map(({ name, sql }) => ({
    path: name,
    migrationFile: { path: "migration.sql", content: { tag: "ok", value: sql } },
  })),
});

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** An empty database and what is in it. */
async function emptyDatabase() {
  const { url, drop } = await createTestDatabase({ empty: true });
  const pool = new pg.Pool({ connectionString: url });
  cleanups.push(drop, () => pool.end());
  return { url, rows: async (sql: string) => (await pool.query(sql)).rows };
}

/** What Prisma's schema engine, over a connection of its own, makes of a list of migrations. */
async function withEngine<T>(
  url: string,
  migrations: readonly Migration[],
  work: (engine: SchemaEngine, input: { migrationsList: MigrationList; filters: SchemaFilter }) => Promise<T>,
): Promise<T> {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  try {
    return await work(await schemaEngine(pool), { migrationsList: listOf(migrations), filters });
  } finally {
    // Releases the engine's advisory lock.
    await pool.end();
  }
}

const deploy = (url: string, migrations: readonly Migration[]) =>
  withEngine(url, migrations, (engine, input) => engine.applyMigrations(input));

/** All that the migrations create, each part as PostgreSQL describes it. */
const STRUCTURE = `
  SELECT table_name || '.' || column_name AS name,
      concat_ws(' ', udt_name, character_maximum_length, is_nullable, column_default) AS text
    FROM information_schema.columns WHERE table_schema = 'public'
  UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT t.typname, e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
  ORDER BY 1, 2`;

const HISTORY = `
  SELECT length(id) AS length, checksum, migration_name, finished_at >= started_at AS finished, logs, rolled_back_at,
      applied_steps_count
    FROM "_prisma_migrations" ORDER BY started_at`;

describe("a database migrated at start", () => {
  it("equals one that Prisma's tools migrated, with the same history", async () => {
    const [ours, prismas] = [await emptyDatabase(), await emptyDatabase()];
    await migrate(ours.url, log);
    await deploy(prismas.url, await readMigrations());
    expect(await ours.rows(STRUCTURE)).toEqual(await prismas.rows(STRUCTURE));
    expect(await ours.rows(HISTORY)).toEqual(await prismas.rows(HISTORY));
  });

  it("is up to date for Prisma's tools", async () => {
    const { url } = await emptyDatabase();
    const known = await readMigrations();
    await migrate(url, log);
    const found = await withEngine(url, known, (engine, input) =>
      engine.diagnoseMigrationHistory({ ...input, optInToShadowDatabase: false }),
    );
    expect(found).toEqual({
      editedMigrationNames: [],
      failedMigrationNames: [],
      hasMigrationsTable: true,
      history: null,
    });
    expect(await deploy(url, known)).toEqual({ appliedMigrationNames: [] });
  });

  it("may have been migrated by Prisma's tools before, wholly or in part", async () => {
    const { url } = await emptyDatabase();
    const known = await readMigrations();
    await deploy(url, known.slice(0, 3));
    expect(await migrate(url, log)).toEqual(known.slice(3).map(({ name }) => name));
    const whole = await emptyDatabase();
    await deploy(whole.url, known);
    expect(await migrate(whole.url, log)).toEqual([]);
  });
});

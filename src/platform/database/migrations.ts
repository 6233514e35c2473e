import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type pg from "pg";

/** Absolute path of `prisma/migrations`. */
export const migrationsFolder = fileURLToPath(new URL("../../../prisma/migrations/", import.meta.url));

/** One folder of `prisma/migrations`. */
export interface Migration {
  /** `<timestamp>_<name>`; defines the order. */
  name: string;
  sql: string;
  /** SHA-256 of the file, in hex, as Prisma stores it. */
  checksum: string;
}

/** Every migration of this version, oldest first. */
export async function readMigrations(folder = migrationsFolder): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(`${folder}/${name}/migration.sql`, "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

/** A pool or a client. */
type Queries = Pick<pg.ClientBase, "query">;

/** The tables visible without a schema name, except those of PostgreSQL itself and of extensions. */
const TABLES = `
  SELECT relname AS name FROM pg_class c
  WHERE relkind IN ('r', 'p') AND pg_table_is_visible(oid) AND relnamespace <> 'pg_catalog'::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
  ORDER BY 1`;

/**
 * The `known` migrations that have not been applied to the database, in order. Throws an error for the operator if a
 * migration was changed after it was applied or is recorded as failed, and if a database that was never migrated has
 * tables: they belong to another program.
 */
export async function pendingMigrations(database: Queries, known: readonly Migration[]): Promise<Migration[]> {
  const { rows: tables } = await database.query<{ name: string }>(TABLES);
  if (!tables.some(({ name }) => name === "_prisma_migrations")) {
    if (tables[0]) throw new Error(`The database has tables of another program, such as "${tables[0].name}"`);
    return [...known];
  }
  const { rows } = await database.query<{ name: string; checksum: string; finished: boolean }>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
       FROM "_prisma_migrations" WHERE rolled_back_at IS NULL`,
  );
  const failed = rows.find((row) => !row.finished);
  if (failed) {
    throw new Error(
      `Migration ${failed.name} failed in this database. Repair the database, then mark the migration with ` +
        `\`prisma migrate resolve --rolled-back ${failed.name}\` (or --applied).`,
    );
  }
  const applied = new Map(rows.map((row) => [row.name, row.checksum]));
  return known.filter(({ name, checksum }) => {
    const stored = applied.get(name);
    if (stored !== undefined && stored !== checksum) {
      throw new Error(
        `Migration ${name} was changed after it was applied to this database: restore the file and add a new migration`,
      );
    }
    return stored === undefined;
  });
}

/** The table as Prisma creates it. */
const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

/** Records an applied migration as `prisma migrate deploy` does, in the transaction that applied it. */
export async function recordMigration(database: Queries, { name, checksum }: Migration): Promise<void> {
  await database.query(CREATE_TABLE);
  await database.query(
    `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
    [randomUUID(), checksum, name],
  );
}

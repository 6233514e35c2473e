import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { MigrationList } from "@prisma/schema-engine-wasm";
import type pg from "pg";

/** Absolute path of `prisma/migrations`. */
export const migrationsFolder = fileURLToPath(new URL("../../../prisma/migrations/", import.meta.url));

/** One folder of `prisma/migrations`. */
export interface Migration {
  /** `<timestamp>_<name>`: their order. */
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

/**
 * The migrations in `known` that have not been applied, in order. Throws an error for the operator if a migration was
 * changed after it was applied, or is recorded as failed.
 */
export async function pendingMigrations(database: pg.Pool, known: readonly Migration[]): Promise<Migration[]> {
  const table = await database.query(`SELECT to_regclass('"_prisma_migrations"') IS NOT NULL AS exists`);
  if (!table.rows[0]?.exists) return [...known];
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

/** `migrations` in the format of the schema engine. */
export function asMigrationList(migrations: readonly Migration[]): MigrationList {
  return {
    baseDir: migrationsFolder,
    lockfile: { path: "migration_lock.toml", content: 'provider = "postgresql"' },
    shadowDbInitScript: "",
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: "migration.sql", content: { tag: "ok", value: sql } },
    })),
  };
}

import { createHash } from "node:crypto";
import pg from "pg";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { migrate } from "../../src/platform/database/migrate.ts";
import { type Migration, pendingMigrations, readMigrations } from "../../src/platform/database/migrations.ts";
import { createTestDatabase, type TestDatabase } from "../support/db.ts";

const log = pino({ level: "silent" });
const migration = (name: string, sql: string): Migration => ({
  name,
  sql,
  checksum: createHash("sha256").update(sql).digest("hex"),
});

describe("migrate", () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  const applied = async () => {
    const sql = `SELECT migration_name AS name FROM "_prisma_migrations" WHERE finished_at IS NOT NULL ORDER BY 1`;
    return (await pool.query(sql)).rows.map(({ name }) => name);
  };
  beforeEach(async () => {
    database = await createTestDatabase({ empty: true });
    pool = new pg.Pool({ connectionString: database.url });
  });
  afterEach(async () => {
    await pool.end();
    await database.drop();
  });

  it("applies each migration once when ten processes start together", async () => {
    const results = await Promise.all(Array.from({ length: 10 }, () => migrate(database.url, log)));
    const names = (await readMigrations()).map(({ name }) => name);
    expect(results.flat()).toEqual(names);
    expect(await applied()).toEqual(names);
    expect((await pool.query('SELECT * FROM "Platform"')).rows).toEqual([{ id: 1 }]);
  });

  it("lists pending migrations and applies each only once", async () => {
    const known = await readMigrations();
    expect(await pendingMigrations(pool, known)).toEqual(known);
    await migrate(database.url, log);
    expect(await pendingMigrations(pool, known)).toEqual([]);
    expect(await migrate(database.url, log)).toEqual([]);
  });

  it("rolls a failed migration back and applies it once it is fixed", async () => {
    const first = migration("1_first", "CREATE TABLE a (text TEXT DEFAULT 'one;two');");
    const broken = migration("2_second", "CREATE TABLE b (); CREATE TABLE a ();");
    await expect(migrate(database.url, log, [first, broken])).rejects.toThrow(/2_second.*"a" already exists/);
    expect(await applied()).toEqual(["1_first"]);
    const fixed = migration("2_second", "CREATE TABLE b ();");
    expect(await migrate(database.url, log, [first, fixed])).toEqual(["2_second"]);
  });

  it("prints nothing, however many migrations there are", async () => {
    const warned = vi.spyOn(process, "emitWarning");
    await migrate(
      database.url,
      log,
      Array.from({ length: 12 }, (_, n) => migration(`${10 + n}_step`, `CREATE TABLE t${n} ();`)),
    );
    await new Promise(setImmediate);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  it("rejects a migration that was changed after it was applied", async () => {
    await migrate(database.url, log, [migration("1_first", "CREATE TABLE a ();")]);
    const changed = [migration("1_first", "CREATE TABLE b ();")];
    await expect(migrate(database.url, log, changed)).rejects.toThrow("Migration 1_first was changed");
  });

  it("accepts a database that a newer version has migrated", async () => {
    const first = migration("1_first", "CREATE TABLE a ();");
    await migrate(database.url, log, [first, migration("2_newer", "CREATE TABLE b ();")]);
    expect(await migrate(database.url, log, [first])).toEqual([]);
  });
});

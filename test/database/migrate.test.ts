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
    expect((await pool.query('SELECT * FROM "Platform"')).rows).toEqual([{ id: 1, setupTokenEncrypted: null }]);
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
    const broken = migration("2_second", "CREATE TABLE b ();\nCREATE TABLE a ();");
    await expect(migrate(database.url, log, [first, broken])).rejects.toThrow(
      'Migration 2_second failed and was rolled back: relation "a" already exists',
    );
    expect(await applied()).toEqual(["1_first"]);
    const fixed = migration("2_second", "CREATE TABLE b ();");
    expect(await migrate(database.url, log, [first, fixed])).toEqual(["2_second"]);
  });

  it("names the line at fault where PostgreSQL knows it", async () => {
    const broken = migration("1_first", "CREATE TABLE a ();\nCREATE\n  TABEL b ();");
    await expect(migrate(database.url, log, [broken])).rejects.toThrow(
      'Migration 1_first failed in line 3 and was rolled back: syntax error at or near "TABEL"',
    );
  });

  it("leaves nothing of a migration whose connection breaks", async () => {
    const killed = migration("1_first", "CREATE TABLE a (); SELECT pg_terminate_backend(pg_backend_pid());");
    await expect(migrate(database.url, log, [killed])).rejects.toThrow("Migration 1_first failed");
    expect(await pendingMigrations(pool, [killed])).toEqual([killed]);
  });

  it("rejects what a commit rejects", async () => {
    const deferred = migration(
      "1_first",
      `CREATE TABLE a (id INT PRIMARY KEY, parent INT REFERENCES a DEFERRABLE INITIALLY DEFERRED);
       INSERT INTO a VALUES (1, 2);`,
    );
    await expect(migrate(database.url, log, [deferred])).rejects.toThrow(/1_first.*violates foreign key constraint/);
    expect(await pendingMigrations(pool, [deferred])).toEqual([deferred]);
  });

  it.each([
    ["CREATE INDEX CONCURRENTLY", "CREATE INDEX CONCURRENTLY i ON a (text);", "cannot run inside a transaction block"],
    ["VACUUM", "VACUUM a;", "cannot run inside a transaction block"],
    [
      "a new value of an enum that it uses",
      "ALTER TYPE e ADD VALUE 'two'; INSERT INTO a VALUES ('two');",
      "unsafe use of new value",
    ],
    ["COMMIT", "COMMIT; CREATE TABLE b ();", "Migration 2_second ended its own transaction"],
    ["COMMIT and BEGIN", "COMMIT; BEGIN;", "Migration 2_second ended its own transaction"],
    ["ROLLBACK", "ROLLBACK;", "Migration 2_second ended its own transaction"],
  ])("rejects a migration with %s", async (_, sql, message) => {
    const first = migration("1_first", "CREATE TYPE e AS ENUM ('one'); CREATE TABLE a (text e);");
    await expect(migrate(database.url, log, [first, migration("2_second", sql)])).rejects.toThrow(message);
    expect(await applied()).toEqual(["1_first"]);
  });

  it("waits for Prisma's own tools", async () => {
    const other = await pool.connect();
    await other.query("SELECT pg_advisory_lock(72707369)");
    const migrated = migrate(database.url, log, [migration("1_first", "CREATE TABLE a ();")]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await pool.query("SELECT to_regclass('a') AS a")).rows).toEqual([{ a: null }]);
    await other.query("SELECT pg_advisory_unlock(72707369)");
    other.release();
    expect(await migrated).toEqual(["1_first"]);
  });

  it("runs in UTC, whatever the database prefers", async () => {
    await pool.query(`ALTER DATABASE "${new URL(database.url).pathname.slice(1)}" SET timezone = 'Asia/Tokyo'`);
    await migrate(database.url, log, [migration("1_first", "CREATE TABLE a AS SELECT current_setting('timezone') z;")]);
    expect((await pool.query("SELECT z FROM a")).rows).toEqual([{ z: "UTC" }]);
  });

  it("rejects a database with tables of another program, but not one with extensions", async () => {
    const first = migration("1_first", "CREATE TABLE a ();");
    await pool.query("CREATE EXTENSION pg_stat_statements; CREATE TABLE foreign_table ();");
    await expect(migrate(database.url, log, [first])).rejects.toThrow(
      'The database has tables of another program, such as "foreign_table"',
    );
    await pool.query("DROP TABLE foreign_table");
    expect(await migrate(database.url, log, [first])).toEqual(["1_first"]);
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

  it("rejects a database in which a migration of Prisma's tools failed", async () => {
    const first = migration("1_first", "CREATE TABLE a ();");
    await migrate(database.url, log, [first]);
    await pool.query('UPDATE "_prisma_migrations" SET finished_at = NULL');
    await expect(migrate(database.url, log, [first])).rejects.toThrow("Migration 1_first failed in this database");
    await pool.query('UPDATE "_prisma_migrations" SET rolled_back_at = now(); DROP TABLE a');
    expect(await migrate(database.url, log, [first])).toEqual(["1_first"]);
  });

  it("accepts a database that a newer version has migrated", async () => {
    const first = migration("1_first", "CREATE TABLE a ();");
    await migrate(database.url, log, [first, migration("2_newer", "CREATE TABLE b ();")]);
    expect(await migrate(database.url, log, [first])).toEqual([]);
  });
});

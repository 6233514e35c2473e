import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { configFrom } from "../../src/platform/config/config.ts";
import { connect, type Database } from "../../src/platform/database/connect.ts";
import { asAppError } from "../../src/platform/errors/asAppError.ts";
import { countStatements } from "../support/countStatements.ts";
import { createTestDatabase, type TestDatabase } from "../support/db.ts";

const silent = pino({ level: "silent" });
const limits = { ...configFrom().database.pool, max: 2 };
let database: TestDatabase;
let houston: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  houston = connect(database.url, limits, silent);
});
afterAll(async () => {
  await houston.close();
  await database.drop();
});

/** The database with other limits, until the end of the test. */
function connected(given: Partial<typeof limits>): Database {
  const own = connect(database.url, { ...limits, ...given }, silent);
  onTestFinished(() => own.close());
  return own;
}

describe("connect", () => {
  it("rejects queries when all connections are busy for too long", async () => {
    const { pool, db } = connected({ acquireTimeout: 2_000 });
    const held = [await pool.connect(), await pool.connect()];
    try {
      for (const query of [() => db.user.count(), () => pool.query("SELECT 1")]) {
        const error = await query().then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(asAppError(error)?.code).toBe("SERVICE_UNAVAILABLE");
      }
    } finally {
      for (const client of held) client.release();
    }
  });

  it("cancels a statement that runs too long", async () => {
    const { pool } = connected({ statementTimeout: 300 });
    await expect(pool.query("SELECT pg_sleep(60)")).rejects.toMatchObject({ code: "57014" });
  });

  it("recovers after all connections were cut, in use or idle", async () => {
    const inUse = await houston.pool.connect();
    await houston.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    await expect(inUse.query("SELECT 1")).rejects.toThrow();
    inUse.release(true);
    expect(await houston.db.user.count()).toBe(0);
  });

  it("stores and reads times in UTC", async () => {
    const before = Date.now();
    const { createdAt } = await houston.db.user.create({ data: { username: "ada" }, select: { createdAt: true } });
    const { rows } = await houston.pool.query("SELECT current_setting('TimeZone') AS zone");
    expect(rows).toEqual([{ zone: "UTC" }]);
    expect(Math.abs(createdAt.getTime() - before)).toBeLessThan(10_000);
  });

  it("sends one named statement for a read", async () => {
    const { statements } = await countStatements(() => houston.db.user.findMany({ include: { emails: true } }));
    expect(statements.length).toBeLessThanOrEqual(2);
    const { result } = await countStatements(() => houston.pool.query("SELECT statement FROM pg_prepared_statements"));
    expect(result.rows.length).toBeGreaterThan(0);
  });
});

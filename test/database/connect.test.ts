import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, type Database } from "../../src/platform/database/connect.ts";
import { asAppError } from "../../src/platform/errors/asAppError.ts";
import { countStatements } from "../support/countStatements.ts";
import { createTestDatabase, type TestDatabase } from "../support/db.ts";

let database: TestDatabase;
let houston: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  const pool = {
    max: 2,
    acquireTimeout: 300,
    statementTimeout: 300,
    idleInTransactionTimeout: 1_000,
    requestTimeout: 8_000,
  };
  houston = connect(database.url, pool, pino({ level: "silent" }));
});
afterAll(async () => {
  await houston.close();
  await database.drop();
});

describe("connect", () => {
  it("rejects queries when all connections are busy for too long", async () => {
    const held = [await houston.pool.connect(), await houston.pool.connect()];
    try {
      for (const query of [() => houston.db.user.count(), () => houston.pool.query("SELECT 1")]) {
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
    await expect(houston.pool.query("SELECT pg_sleep(5)")).rejects.toMatchObject({ code: "57014" });
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

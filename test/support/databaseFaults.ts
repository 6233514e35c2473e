import type { PrismaClient } from "../../src/generated/prisma/client.ts";

/** Makes writes to some tables fail. */
export interface DatabaseFaults {
  /**
   * The next `times` changes of rows of `table` fail with this SQLSTATE; with "cut" the server ends the connection, as
   * when an administrator stops it. Without arguments, none fail any more.
   */
  fail(table?: string, code?: string, times?: number): Promise<void>;
  /** The number of changes that failed since the last call of `fail`. */
  failed(): Promise<number>;
}

/** Installs triggers on `tables` of a test database. */
export async function databaseFaults(db: PrismaClient, tables: readonly string[]): Promise<DatabaseFaults> {
  const run = (sql: string) => db.$executeRawUnsafe(sql);
  await run("CREATE SEQUENCE fault_count");
  await run(`CREATE TABLE fault ("table" text, code text, times int)`);
  // A sequence counts on where a transaction is rolled back.
  await run(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE fault fault;
    BEGIN
      SELECT * INTO fault FROM fault WHERE "table" = TG_TABLE_NAME;
      IF NOT FOUND OR nextval('fault_count') > fault.times THEN RETURN NEW; END IF;
      IF fault.code = 'cut' THEN
        PERFORM pg_terminate_backend(pg_backend_pid());
        PERFORM pg_sleep(5);
      END IF;
      RAISE EXCEPTION 'injected' USING ERRCODE = fault.code;
    END $$`);
  for (const table of tables) {
    await run(`CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON "${table}" FOR EACH ROW EXECUTE FUNCTION fail()`);
  }
  let limit = 0;
  return {
    async fail(table, code, times = 1_000) {
      limit = times;
      await run("TRUNCATE fault");
      await run("ALTER SEQUENCE fault_count RESTART");
      if (table !== undefined) await run(`INSERT INTO fault VALUES ('${table}', '${code}', ${times})`);
    },
    async failed() {
      const sql = "SELECT CASE WHEN is_called THEN last_value::int ELSE 0 END AS called FROM fault_count";
      const [row] = await db.$queryRawUnsafe<{ called: number }[]>(sql);
      return Math.min(row?.called ?? 0, limit);
    },
  };
}

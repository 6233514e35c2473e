import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { type BenchDatabases, startDatabases } from "../../bench/database.ts";
import { pinOurselves } from "../../bench/machine.ts";
import { type RunningServer, startServer } from "../../bench/servers.ts";

/**
 * Houston in a process of its own with the settings of the image, on the benchmark's smaller installation and a PostgreSQL
 * that flushes commits to disk, for the tests of a file. On two cores, Houston has one of them, and PostgreSQL and the test,
 * which sends the load, share the other one. `flags` are further ones of Node.
 */
export function loadedHouston(flags: string[] = []) {
  let databases: BenchDatabases;
  let server: RunningServer;
  let pool: pg.Pool;
  beforeAll(async () => {
    pinOurselves();
    databases = await startDatabases(["S"], () => undefined);
    const url = databases.urls.get("S") ?? "";
    pool = new pg.Pool({ connectionString: url, max: 1 });
    server = await startServer("houston", url, databases.folder, { tuned: true, flags });
  }, 120_000);
  afterAll(async () => {
    await pool?.end();
    await server?.stop();
    await databases?.stop();
  });
  return {
    server: () => server,
    url: () => `http://127.0.0.1:${server.port}`,
    operationsUrl: () => `http://127.0.0.1:${server.operationsPort}`,
    /** Its database. */
    pool: () => pool,
  };
}

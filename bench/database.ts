import pg from "pg";
import { pino } from "pino";
import { migrate } from "../src/platform/database/migrate.ts";
import { migrateJobs } from "../src/platform/jobs/migrateJobs.ts";
import { withTemporaryPostgres } from "../test/support/temporaryPostgres.ts";
import type { Size } from "./data.ts";
import { seed } from "./seed.ts";

/** A PostgreSQL for one run, with a seeded database per size. */
export interface BenchDatabases {
  /** A temporary folder, for other files of the run. */
  folder: string;
  urls: Map<Size, string>;
  /** Stops it and removes the folder. */
  stop(): Promise<void>;
}

/**
 * Starts a new PostgreSQL in a temporary folder, as durable as in production, seeds the sizes and prints the time for each.
 * With `asyncCommit` no commit waits for the disk: on a slow disk, writes would measure the disk and not the servers.
 */
export async function startDatabases(
  sizes: readonly Size[],
  tell: (line: string) => void,
  { asyncCommit = false } = {},
): Promise<BenchDatabases> {
  const log = pino({ level: "warn" });
  return withTemporaryPostgres(log, { durable: true }, async (server) => {
    const urls = new Map<Size, string>();
    for (const size of sizes) {
      const begun = performance.now();
      urls.set(size, await seeded(server.url, size));
      tell(`seeded size ${size} in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
    }
    return { folder: server.folder, urls, stop: server.stop };
  });

  async function seeded(serverUrl: string, size: Size): Promise<string> {
    const name = `bench_${size.toLowerCase()}`;
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    await onDatabase(serverUrl, (pool) => pool.query(`CREATE DATABASE ${name}`));
    if (asyncCommit) {
      await onDatabase(serverUrl, (pool) => pool.query(`ALTER DATABASE ${name} SET synchronous_commit = off`));
    }
    await migrate(url.href, log);
    await onDatabase(url.href, async (pool) => {
      await migrateJobs(pool, log);
      await seed(pool, size);
    });
    return url.href;
  }
}

/** Runs `work` with a pool on the database at `url`, and closes the pool. */
async function onDatabase(url: string, work: (pool: pg.Pool) => Promise<unknown>): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  try {
    await work(pool);
  } finally {
    await pool.end();
  }
}

import pg from "pg";
import type { Logger } from "pino";
import { type Config, ensureSecrets } from "../config/config.ts";
import { startEmbedded } from "../database/embedded/embedded.ts";
import { migrate } from "../database/migrate.ts";
import { sessionSettings, ZONE_OPTIONS } from "../database/sessionOptions.ts";
import { migrateJobs } from "../jobs/migrateJobs.ts";

/**
 * Migrates the database of this configuration, and the job tables in it, without starting a server. Returns the names
 * of the migrations that were applied. Throws an error for the operator as `migrate` does.
 */
export async function migrateOnly(config: Config, log: Logger): Promise<string[]> {
  const { database } = config;
  // Houston does not start with an embedded database whose secrets are missing.
  if (database.url === null) await ensureSecrets(config);
  const embedded = database.url === null ? await startEmbedded({ folder: database.dataFolder, log }) : undefined;
  const url = database.url ?? embedded?.url ?? "";
  const pool = new pg.Pool({ ...sessionSettings(url, ZONE_OPTIONS), max: 2, application_name: "houston migrate" });
  try {
    const applied = await migrate(url, log);
    await migrateJobs(pool, log);
    return applied;
  } finally {
    await pool.end();
    await embedded?.stop();
  }
}

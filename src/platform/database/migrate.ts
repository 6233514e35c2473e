import pg from "pg";
import type { Logger } from "pino";
import { asMigrationList, type Migration, pendingMigrations, readMigrations } from "./migrations.ts";

// The key of Prisma's own tools: `prisma migrate deploy` run elsewhere waits for us, and we for it.
const LOCK = 72707369;

/**
 * Brings the database at `url` up to date and gives the names of the migrations it applied. Any number of processes may
 * do so at once: one applies, the others wait and find nothing left. Each migration is one transaction, so a failed or
 * killed one leaves nothing behind. Throws an error for the operator when one fails, was changed or failed earlier.
 */
export async function migrate(url: string, log: Logger, known?: readonly Migration[]): Promise<string[]> {
  const migrations = known ?? (await readMigrations());
  // One connection for all: it holds the lock and the transaction. Lost, it must not be replaced by a fresh one.
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 10_000,
    application_name: "houston migrate",
  });
  const end = () => (pool.ending ? undefined : pool.end());
  pool.on("error", () => void end());
  try {
    if ((await pendingMigrations(pool, migrations)).length === 0) return [];
    const { rows } = await pool.query(`SELECT pg_try_advisory_lock(${LOCK}) AS held`);
    if (!rows[0]?.held) {
      log.info("Waiting for another process that migrates the database");
      await pool.query(`SELECT pg_advisory_lock(${LOCK})`);
    }
    const pending = await pendingMigrations(pool, migrations);
    for (const migration of pending) {
      const started = Date.now();
      await apply(pool, migrations.slice(0, migrations.indexOf(migration) + 1), migration.name);
      log.info({ migration: migration.name, ms: Date.now() - started }, "Migrated the database");
    }
    return pending.map(({ name }) => name);
  } finally {
    await end();
  }
}

async function apply(pool: pg.Pool, upTo: Migration[], name: string): Promise<void> {
  // Loaded here because most starts have nothing to apply, and it is 5 MB.
  const { schemaEngine } = await import("./schemaEngine.ts");
  const engine = await schemaEngine(pool);
  await pool.query("BEGIN");
  try {
    await engine.applyMigrations({
      migrationsList: asMigrationList(upTo),
      filters: { externalTables: [], externalEnums: [] },
    });
    await pool.query("COMMIT");
  } catch (cause) {
    await pool.query("ROLLBACK").catch(() => undefined);
    const reason = cause instanceof Error ? cause.message.split("\n").slice(0, 2).join(": ") : String(cause);
    throw new Error(`Migration ${name} failed and was rolled back: ${reason}`, { cause });
  } finally {
    engine.free();
  }
}

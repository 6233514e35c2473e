import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Logger } from "pino";
import { type Migration, pendingMigrations, readMigrations, recordMigration } from "./migrations.ts";
import { assertUtc, sessionSettings, ZONE_OPTIONS } from "./sessionOptions.ts";

/** The advisory lock of Prisma's own tools, so that `prisma migrate deploy` and Houston wait for each other. */
const LOCK = 72707369;

/** Milliseconds between attempts to get the lock. */
const RETRY_AFTER = 100;

/**
 * Migrates the database at `url` and returns the names of the applied migrations. Any number of processes can do so
 * concurrently: one applies the migrations, the others wait and find nothing left to do. Each migration and its row in
 * `_prisma_migrations` are one transaction, so a failed or killed one leaves nothing behind. Throws an error for the
 * operator if a migration fails, was changed or failed earlier, if the database contains other tables, or if sessions
 * are not in UTC.
 */
export async function migrate(url: string, log: Logger, known?: readonly Migration[]): Promise<string[]> {
  const migrations = known ?? (await readMigrations());
  const client = new pg.Client({
    ...sessionSettings(url, ZONE_OPTIONS),
    connectionTimeoutMillis: 10_000,
    application_name: "houston migrate",
  });
  // A broken connection also rejects its queries. Without a listener, the event would end the process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await assertUtc(client);
    if ((await pendingMigrations(client, migrations)).length === 0) return [];
    await lock(client, log);
    // Another process may have applied some of them meanwhile.
    const pending = await pendingMigrations(client, migrations);
    for (const migration of pending) {
      const started = performance.now();
      await apply(client, migration);
      log.info({ migration: migration.name, ms: Math.round(performance.now() - started) }, "Migrated the database");
    }
    return pending.map(({ name }) => name);
  } finally {
    // Releases the lock and rolls back a failed migration.
    await client.end();
  }
}

async function lock(client: pg.Client, log: Logger): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { rows } = await client.query(`SELECT pg_try_advisory_lock(${LOCK}) AS locked`);
    if (rows[0]?.locked) return;
    if (attempt === 1) log.info("Waiting for another process that migrates the database");
    await sleep(RETRY_AFTER);
  }
}

/** Runs a migration. If it throws, the caller ends the connection, which rolls the migration back. */
async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query("BEGIN");
    const transaction = await transactionOf(client);
    await client.query(migration.sql);
    if ((await transactionOf(client)) !== transaction) throw new TransactionEnded(migration.name);
    await recordMigration(client, migration);
    await client.query("COMMIT");
  } catch (cause) {
    if (cause instanceof TransactionEnded) throw cause;
    const { message, position } = cause as Partial<pg.DatabaseError>;
    const line = position ? ` in line ${migration.sql.slice(0, Number(position)).split("\n").length}` : "";
    throw new Error(`Migration ${migration.name} failed${line} and was rolled back: ${message}`, { cause });
  }
}

const transactionOf = async (client: pg.Client): Promise<string> =>
  (await client.query("SELECT pg_current_xact_id() AS id")).rows[0].id;

/** Thrown when the checks and tests apply a new migration, so that no such migration is released. */
class TransactionEnded extends Error {
  constructor(name: string) {
    super(`Migration ${name} ended its own transaction: remove COMMIT and ROLLBACK from its file`);
  }
}

import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import type { Logger } from "pino";
import { PrismaClient } from "../../generated/prisma/client.ts";
import { queryName } from "./queryName.ts";
import { SESSION_OPTIONS, sessionSettings } from "./sessionOptions.ts";

/** Limits of the connection pool. */
export interface PoolSettings {
  /** Maximum number of connections of this process. */
  max: number;
  /** Time a request waits for a connection before it fails, in milliseconds. */
  acquireTimeout: number;
  /** Maximum duration of a statement, in milliseconds. */
  statementTimeout: number;
  /** Maximum idle time of a transaction, in milliseconds. */
  idleInTransactionTimeout: number;
}

/** The database, for use cases. */
export interface Database {
  /** For hand-written SQL. Shares its connections with `db`. */
  pool: pg.Pool;
  db: PrismaClient;
  /** Closes every connection. Must be the last call. */
  close(): Promise<void>;
}

/** How every connection to `url` is opened. */
export const connectionSettings = (url: string, settings: PoolSettings): pg.ClientConfig => ({
  ...sessionSettings(url, SESSION_OPTIONS),
  connectionTimeoutMillis: settings.acquireTimeout,
  statement_timeout: settings.statementTimeout,
  idle_in_transaction_session_timeout: settings.idleInTransactionTimeout,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  application_name: "houston",
});

/**
 * A pool of connections to `url` and a Prisma client that uses it. Connects on first use. A connection that breaks
 * while idle is logged and replaced.
 */
export function connect(url: string, settings: PoolSettings, log: Logger): Database {
  const pool = new Pool({
    ...connectionSettings(url, settings),
    max: settings.max,
    idleTimeoutMillis: 60_000,
    // A connection keeps every prepared statement in memory, so it is replaced from time to time.
    maxLifetimeSeconds: 1_800,
  });
  // The error object references the whole connection, so only its message is logged.
  pool.on("error", (error) => log.warn({ reason: error.message }, "An idle database connection broke"));
  // A broken connection also rejects its query. Without a listener, the event would end the process.
  pool.on("connect", (client) => client.on("error", () => undefined));

  const adapter = new PrismaPg(pool, {
    // Prepares statements, so that each connection plans them once instead of for every call.
    statementNameGenerator: ({ sql }) => queryName(sql),
  });
  const db = new PrismaClient({
    adapter,
    // Longer formats quote arguments, and unexpected errors are written to the log.
    errorFormat: "minimal",
    transactionOptions: { maxWait: settings.acquireTimeout, timeout: 10_000 },
  });
  return {
    pool,
    db,
    async close() {
      await db.$disconnect();
      await pool.end();
    },
  };
}

type Connected = Parameters<pg.Pool["connect"]>[0];

/** Adds a code to pg's error for a connection timeout, which has none. */
class Pool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    if (!callback) return super.connect().catch((error) => Promise.reject(withTimeoutCode(error)));
    super.connect((error, client, done) => callback(error && withTimeoutCode(error), client, done));
  }
}

const withTimeoutCode = (error: Error) => ("code" in error ? error : Object.assign(error, { code: "ETIMEDOUT" }));

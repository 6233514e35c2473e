import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import type { Logger } from "pino";
import { PrismaClient } from "../../generated/prisma/client.ts";
import { queryName } from "./queryName.ts";
import { SESSION_OPTIONS } from "./sessionOptions.ts";

/** How many connections there may be and how long anything may wait for them. */
export interface PoolSettings {
  /** Connections of this process at most. */
  max: number;
  /** Milliseconds a request waits for a connection before it fails. */
  acquireTimeout: number;
  /** Milliseconds one statement may run. */
  statementTimeout: number;
  /** Milliseconds a transaction may sit without a statement. */
  idleInTransactionTimeout: number;
}

/** The database as use cases see it. */
export interface Database {
  /** For hand-written SQL. Same connections as `db`. */
  pool: pg.Pool;
  db: PrismaClient;
  /** Ends every connection. The last call. */
  close(): Promise<void>;
}

/** How every connection to `url` is opened. */
export const connectionSettings = (url: string, settings: PoolSettings): pg.ClientConfig => ({
  connectionString: url,
  connectionTimeoutMillis: settings.acquireTimeout,
  statement_timeout: settings.statementTimeout,
  idle_in_transaction_session_timeout: settings.idleInTransactionTimeout,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  application_name: "houston",
  options: SESSION_OPTIONS,
});

/**
 * A pool of connections to `url` and a Prisma client over it. Connects when first used. A connection that dies while
 * idle is logged and replaced; the process goes on.
 */
export function connect(url: string, settings: PoolSettings, log: Logger): Database {
  const pool = new Pool({
    ...connectionSettings(url, settings),
    max: settings.max,
    idleTimeoutMillis: 60_000,
    // Each connection keeps every statement it has named: now and then it starts afresh.
    maxLifetimeSeconds: 1_800,
  });
  // The error drags the whole connection along: only its words are logged.
  pool.on("error", (error) => log.warn({ reason: error.message }, "An idle database connection broke"));
  // A connection in use reports its end twice: to its query, and as an event that would end the process unheard.
  pool.on("connect", (client) => client.on("error", () => undefined));

  const adapter = new PrismaPg(pool, {
    // Statements are planned once per connection instead of at every call.
    statementNameGenerator: ({ sql }) => queryName(sql),
  });
  const db = new PrismaClient({
    adapter,
    // Longer formats quote arguments, and unexpected errors are logged.
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

/** pg gives its "no connection in time" no code. Here every failure to get a connection has one. */
class Pool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    if (!callback) return super.connect().catch((error) => Promise.reject(withTimeoutCode(error)));
    super.connect((error, client, done) => callback(error && withTimeoutCode(error), client, done));
  }
}

const withTimeoutCode = (error: Error) => ("code" in error ? error : Object.assign(error, { code: "ETIMEDOUT" }));

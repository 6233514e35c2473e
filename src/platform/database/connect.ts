import { PrismaPg } from "@prisma/adapter-pg";
import type pg from "pg";
import type { Logger } from "pino";
import { type Prisma, PrismaClient } from "../../generated/prisma/client.ts";
import { Pool } from "./pool.ts";
import { queryName } from "./queryName.ts";
import { retryConflicts } from "./retryConflicts.ts";
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
  /** Time one request may wait for connections and statements together, in milliseconds. */
  requestTimeout: number;
}

/** Milliseconds that PostgreSQL has to cancel a statement and report it before the connection is taken to be dead. */
const GRACE = 2_000;

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
    answerTimeout: settings.statementTimeout + GRACE,
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
  const options: Prisma.PrismaClientOptions = {
    adapter,
    // Longer formats quote arguments, and unexpected errors are written to the log.
    errorFormat: "minimal",
    // Only the sealer needs it, and JSON has no numbers of its type.
    omit: { auditEntry: { sequence: true } },
    transactionOptions: { maxWait: settings.acquireTimeout, timeout: 10_000 },
  };
  const client: PrismaClient = new PrismaClient(options);
  return {
    pool,
    db: retryingTransactions(client),
    async close() {
      await client.$disconnect();
      await pool.end();
    },
  };
}

/** A client that runs the whole function of an interactive transaction again after a conflict with another transaction. */
function retryingTransactions(client: PrismaClient): PrismaClient {
  const transaction = (...args: Parameters<PrismaClient["$transaction"]>) =>
    retryConflicts(() => client.$transaction(...args));
  return new Proxy(client, {
    get: (target, key) => (key === "$transaction" ? transaction : Reflect.get(target, key)),
  });
}

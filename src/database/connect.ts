import { createHash } from "node:crypto";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import type { Logger } from "pino";
import { PrismaClient } from "../generated/prisma/client.ts";
import { createLanes, type Lanes, type Statement } from "./lanes.ts";
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

/** Milliseconds that a statement waits for a lock where others wait with it. */
const LOCK_TIMEOUT = 50;

/** The part of the connections that are lanes for reads, and how many at most: one Node process keeps no more than these busy. */
const LANES_SHARE = 0.4;
const MOST_LANES = 4;

/** From as many connections on, one of them is a lane for writes. */
const ENOUGH_FOR_WRITES = 5;

/**
 * How much longer than statements may run we wait for the end of their transaction, in milliseconds; then the connection is
 * broken. More than two in one transaction that run as long as they may are not waited for: nor do their clients.
 */
const PATIENCE = 5_000;
const SLOW_STATEMENTS = 2;

/** The database as use cases see it. */
export interface Database {
  /** For hand-written SQL. Same connections as `db`. */
  pool: pg.Pool;
  /** For reads of one statement, asked all day. */
  lanes: Lanes;
  /** For writes of one statement. */
  writeLanes: Lanes;
  db: PrismaClient;
  /** Ends every connection. The last call. */
  close(): Promise<void>;
}

/**
 * A pool of connections to `url` and a Prisma client over it. Connects when first used. A connection that dies while
 * idle is logged and replaced; the process goes on.
 */
export function connect(url: string, settings: PoolSettings, log: Logger): Database {
  const connection: pg.ClientConfig = {
    connectionString: url,
    connectionTimeoutMillis: settings.acquireTimeout,
    statement_timeout: settings.statementTimeout,
    idle_in_transaction_session_timeout: settings.idleInTransactionTimeout,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: "houston",
    options: SESSION_OPTIONS,
  };
  const count = Math.min(MOST_LANES, Math.floor(settings.max * LANES_SHARE));
  const writers = settings.max >= ENOUGH_FOR_WRITES ? 1 : 0;
  const pool = new Pool({
    ...connection,
    max: settings.max - count - writers,
    idleTimeoutMillis: 60_000,
    // Each connection keeps every statement it has named: now and then it starts afresh.
    maxLifetimeSeconds: 1_800,
  });
  // The error drags the whole connection along: only its words are logged.
  pool.on("error", (error) => log.warn({ reason: error.message }, "An idle database connection broke"));
  // A connection in use reports its end twice: to its query, and as an event that would end the process unheard.
  pool.on("connect", (client) => client.on("error", () => undefined));

  const lane = {
    connection: { ...connection, options: `${SESSION_OPTIONS} -c lock_timeout=${LOCK_TIMEOUT}` },
    acquireTimeout: settings.acquireTimeout,
    patience: SLOW_STATEMENTS * settings.statementTimeout + PATIENCE,
    alone: async (statement: Statement) => (await pool.query(statement)).rows,
  };
  const lanes = createLanes(count, { ...lane, writes: false });
  const writeLanes = createLanes(writers, { ...lane, writes: true });

  const adapter = new PrismaPg(pool, {
    // Statements are planned once per connection instead of at every call.
    statementNameGenerator: ({ sql }) => createHash("sha1").update(sql).digest("base64url"),
  });
  const db = new PrismaClient({
    adapter,
    // Longer formats quote arguments, and unexpected errors are logged.
    errorFormat: "minimal",
    transactionOptions: { maxWait: settings.acquireTimeout, timeout: 10_000 },
  });
  return {
    pool,
    lanes,
    writeLanes,
    db,
    async close() {
      await db.$disconnect();
      // What lanes could not do together they run on the pool.
      await Promise.all([lanes.close(), writeLanes.close()]);
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
    if (!callback) return super.connect().catch((error) => Promise.reject(withCode(error)));
    super.connect((error, client, done) => callback(error && withCode(error), client, done));
  }
}

const withCode = (error: Error) => ("code" in error ? error : Object.assign(error, { code: "ETIMEDOUT" }));

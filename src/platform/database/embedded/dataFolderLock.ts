import { realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Logger } from "pino";
import { ZONE_OPTIONS } from "../sessionOptions.ts";
import { USER } from "./initialise.ts";
import { CannotContinue } from "./keepRunning.ts";
import { isAlive, readPostmaster, readProc, stopPostmaster, until } from "./postmaster.ts";

// "houston" in ASCII. An advisory lock in the database `postgres`, held by the process that uses the data folder.
// PostgreSQL releases it when that process dies; a process ID in a file could become stale.
const LOCK = "29401382282422126";

/** Milliseconds between attempts to acquire it again: another Houston must not find the folder unlocked. */
const RETRY_AFTER = 100;

/** Held by the one process that uses a data folder. */
export interface DataFolderLock {
  client: pg.Client;
  close(): Promise<void>;
}

function clientFor(port: number, password: string): pg.Client {
  return new pg.Client({
    host: "127.0.0.1",
    port,
    user: USER,
    password,
    database: "postgres",
    application_name: "houston data folder lock",
    options: ZONE_OPTIONS,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(`SELECT pg_try_advisory_lock(${LOCK}) AS held`);
  return rows[0]?.held === true;
}

/** Locks the data folder while this process lives. The lock is acquired again if its connection breaks. */
export async function lockDataFolder(port: number, password: string, log: Logger): Promise<DataFolderLock> {
  let closed = false;
  async function open(): Promise<pg.Client> {
    const client = clientFor(port, password);
    client.on("error", (error) => log.warn({ err: error }, "Lost a connection to the embedded PostgreSQL"));
    await client.connect();
    if (!(await tryLock(client))) {
      await client.end();
      throw new Error("Another Houston process uses this data folder");
    }
    client.once("end", () => void reopen());
    return client;
  }
  async function reopen() {
    while (!closed) {
      const client = await open().catch(() => undefined);
      if (client) {
        lock.client = client;
        return;
      }
      await sleep(RETRY_AFTER, undefined, { ref: false });
    }
  }
  const lock: DataFolderLock = {
    client: await open(),
    async close() {
      closed = true;
      await lock.client.end().catch(() => undefined);
    },
  };
  return lock;
}

/**
 * Stops a postmaster that a killed Houston left running on `data`, or waits until a stopping Houston has stopped it.
 * Throws if another Houston still uses it after `patience` milliseconds. Removes a stale `postmaster.pid` where
 * PostgreSQL would not do so.
 */
export async function takeOver(data: string, password: string, patience: number, log: Logger): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    const found = await connectToRunning(data, password, log);
    if (!found) return;
    const { pid, client } = found;
    try {
      const held = await until(() => tryLock(client), end - Date.now()).catch(() => undefined);
      if (held) {
        log.info({ pid }, "Stopping the PostgreSQL that an earlier Houston process left running");
        return await stopPostmaster(pid);
      }
      // undefined means that the connection broke because PostgreSQL is stopping: check again.
      if (held === false || Date.now() > end) {
        throw new CannotContinue(
          `Another Houston process uses the data folder ${data}: stop it first, or set database.dataFolder`,
        );
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/**
 * Errors of a server that is starting, stopping or being killed: retried. pg has no code for a connection that ends
 * early.
 */
const transientCodes = new Set(["57P01", "57P02", "57P03", "ECONNREFUSED", "ECONNRESET", "EPIPE"]);

/** A connection to the postmaster that runs on `data`, or undefined if none does. Waits while it starts or stops. */
async function connectToRunning(data: string, password: string, log: Logger) {
  let refused = 0;
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(100)) {
    const postmaster = await readPostmaster(data);
    if (!postmaster) return undefined;
    if (!isAlive(postmaster.pid)) {
      // PostgreSQL would remove it too, but it takes a zombie process for a running one.
      await rm(join(data, "postmaster.pid"), { force: true });
      return undefined;
    }
    const client = clientFor(postmaster.port, password).on("error", () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query("SELECT current_setting('data_directory') AS folder");
      if ((await realpath(String(rows[0]?.folder))) === (await realpath(data))) return { pid: postmaster.pid, client };
      await client.end();
    } catch (error) {
      const { code } = error as { code?: string };
      if (code !== undefined && !transientCodes.has(code)) throw inUse(data, postmaster.pid, error);
      // It does not accept connections yet, or no longer does.
      if (code === "57P03" || ++refused < 10) continue;
    }
    // Process IDs are reused quickly, especially in containers: this one now belongs to another program.
    const name = readProc(postmaster.pid, "comm");
    if (name === "postgres") throw inUse(data, postmaster.pid);
    log.warn({ pid: postmaster.pid, name }, "Removing postmaster.pid of a PostgreSQL that is no longer running");
    await rm(join(data, "postmaster.pid"), { force: true });
    return undefined;
  }
  throw new Error(`The PostgreSQL in ${data} is still starting or stopping after 30 s; try again later`);
}

const inUse = (data: string, pid: number, cause?: unknown) =>
  new Error(
    `${join(data, "postmaster.pid")} says that process ${pid} is a PostgreSQL server, but it cannot be reached. ` +
      "Stop that process. If it is another program, remove the file.",
    { cause },
  );

import { realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Logger } from "pino";
import { USER } from "./initialise.ts";
import { isAlive, readPostmaster, readProc, stopPostmaster, until } from "./postmaster.ts";

// "houston" in ASCII. Held on the database `postgres` by whoever uses the data folder: PostgreSQL itself frees it when
// that process dies, which no process id in a file can promise.
const LOCK = "29401382282422126";

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
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(`SELECT pg_try_advisory_lock(${LOCK}) AS held`);
  return rows[0]?.held === true;
}

/** Marks the data folder as used, for as long as this process lives. The mark is renewed when its connection breaks. */
export async function lockDataFolder(port: number, password: string, log: Logger): Promise<DataFolderLock> {
  let closed = false;
  async function open(): Promise<pg.Client> {
    const client = clientFor(port, password);
    client.on("error", (error) => log.warn({ err: error }, "Lost a connection to the embedded PostgreSQL"));
    await client.connect();
    if (!(await tryLock(client))) throw new Error("Another Houston uses this data folder");
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
      await sleep(1_000, undefined, { ref: false });
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
 * Stops a postmaster that a killed Houston left running on `data`, and waits for one that a stopping Houston stops. Throws
 * when a Houston still uses it after `patience` milliseconds. What a crash of both left behind is cleared where PostgreSQL
 * would not do it by itself.
 */
export async function takeOver(data: string, password: string, patience: number, log: Logger): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    const found = await connectToLeft(data, password, log);
    if (!found) return;
    const { pid, client } = found;
    try {
      const held = await until(() => tryLock(client), end - Date.now()).catch(() => undefined);
      if (held) {
        log.info({ pid }, "Stopping the PostgreSQL that an earlier Houston left running");
        return await stopPostmaster(pid);
      }
      // Without an answer the connection is gone: PostgreSQL stops, and whether it has is looked at again.
      if (held === false || Date.now() > end) {
        throw new Error(`Another Houston uses the data folder ${data}: stop it first, or set database.dataFolder`);
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** Starting, stopping, killed while we connect: looked at again. pg gives a connection that ends too soon no code at all. */
const passing = new Set(["57P01", "57P02", "57P03", "ECONNREFUSED", "ECONNRESET", "EPIPE"]);

/** A connection to the postmaster that runs on `data`; undefined when none does. Waits through its start or stop. */
async function connectToLeft(data: string, password: string, log: Logger) {
  let refused = 0;
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(100)) {
    const left = await readPostmaster(data);
    if (!left) return undefined;
    if (!isAlive(left.pid)) {
      // PostgreSQL would do so too, but takes a process that its parent has not buried yet for a living one.
      await rm(join(data, "postmaster.pid"), { force: true });
      return undefined;
    }
    const client = clientFor(left.port, password).on("error", () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query("SELECT current_setting('data_directory') AS folder");
      if ((await realpath(String(rows[0]?.folder))) === (await realpath(data))) return { pid: left.pid, client };
      await client.end();
    } catch (error) {
      const { code } = error as { code?: string };
      if (code !== undefined && !passing.has(code)) throw inUse(data, left.pid, error);
      // Not accepting connections yet, or no more.
      if (code === "57P03" || ++refused < 10) continue;
    }
    // A process id is soon used again, most of all in containers: this one belongs to something else now.
    const name = readProc(left.pid, "comm");
    if (name === "postgres") throw inUse(data, left.pid);
    log.warn({ pid: left.pid, name }, "Removing the mark of a PostgreSQL that runs no more");
    await rm(join(data, "postmaster.pid"), { force: true });
    return undefined;
  }
  throw new Error(`A PostgreSQL on ${data} is still starting or stopping after 30 s; try again later`);
}

const inUse = (data: string, pid: number, cause?: unknown) =>
  new Error(
    `${join(data, "postmaster.pid")} says that process ${pid} runs a PostgreSQL here, and it cannot be reached. ` +
      "Stop that process; if it is something else, remove the file.",
    { cause },
  );

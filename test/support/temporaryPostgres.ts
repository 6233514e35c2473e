import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "pino";
import { startEmbedded } from "../../src/platform/database/embedded/embedded.ts";

/** A PostgreSQL in a temporary folder. */
export interface TemporaryPostgres {
  url: string;
  /** The temporary folder, for other files. */
  folder: string;
  /** Stops it and removes the folder. */
  stop(): Promise<void>;
}

/** Starts one and returns the result of `work`; stops it if `work` throws. With `durable`, commits are flushed to disk. */
export async function withTemporaryPostgres<T>(
  log: Logger,
  { durable }: { durable: boolean },
  work: (server: TemporaryPostgres) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "houston-"));
  let running: { url: string; stop(): Promise<void> } | undefined;
  const stop = async () => {
    await running?.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    running = await startEmbedded({ folder, durable, log });
    return await work({ url: running.url, folder, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

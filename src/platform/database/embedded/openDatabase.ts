import { join, resolve } from "node:path";
import type { Logger } from "pino";
import type { Config } from "../../config/config.ts";
import { startEmbedded } from "./embedded.ts";
import { passwordIn, USER } from "./initialise.ts";
import { isAlive, readPostmaster } from "./postmaster.ts";

/**
 * The database of this configuration, for a command that may run next to a running Houston: `database.url`, the embedded
 * PostgreSQL that already runs, or one that is started until `close`.
 */
export async function openDatabase(
  { url, dataFolder }: Pick<Config["database"], "url" | "dataFolder">,
  log: Logger,
): Promise<{ url: string; close(): Promise<void> }> {
  if (url !== null) return { url, close: async () => undefined };
  const folder = resolve(dataFolder);
  const running = await readPostmaster(join(folder, "postgres"));
  if (running && isAlive(running.pid)) {
    const password = await passwordIn(folder);
    return { url: `postgresql://${USER}:${password}@127.0.0.1:${running.port}/houston`, close: async () => undefined };
  }
  const embedded = await startEmbedded({ folder, log });
  return { url: embedded.url, close: () => embedded.stop() };
}

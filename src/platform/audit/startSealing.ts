import type pg from "pg";
import type { Logger } from "pino";
import { sealEntries } from "./sealEntries.ts";

/** Adds new audit entries to the hash chain every `interval` milliseconds until it is stopped. */
export function startSealing(pool: pg.Pool, log: Logger, interval: number): { stop(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout;
  let stopped = false;
  const next = () => {
    if (!stopped) timer = setTimeout(run, interval).unref();
  };
  const run = () => {
    // The next run seals what a failed one did not.
    running = sealEntries(pool)
      .catch((error: Error) => log.warn({ reason: error.message }, "Could not seal audit entries; will try again"))
      .then(next);
  };
  next();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

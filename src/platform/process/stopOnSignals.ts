import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";

/** What is stopped. */
export interface Stoppable {
  services: { config: Pick<Config, "webserver"> };
  readiness: { draining: boolean };
  close(): Promise<void>;
}

/**
 * Ends the process in order on SIGTERM or SIGINT: `/readyz` turns 503, after `webserver.drainDelay` no more connections
 * are taken, and once everything is closed, or after `webserver.drainTimeout`, the exit code is 0. There is no delay for
 * someone at a keyboard: nothing routes requests to them. A second signal ends the process at once. So does an
 * uncaught error, which is logged, with exit code 1.
 */
export function stopOnSignals(app: Stoppable, log: Logger): void {
  const { drainDelay, drainTimeout } = app.services.config.webserver;
  let stopping = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) process.exit(signal === "SIGINT" ? 130 : 143);
    stopping = true;
    const delay = signal === "SIGINT" || process.stdin.isTTY ? 0 : drainDelay;
    log.info({ signal, delay }, "stopping");
    app.readiness.draining = true;
    await sleep(delay);
    const closed = app.close().then(() => "stopped");
    const late = sleep(drainTimeout, `stopped before everything was closed: ${drainTimeout} ms were over`);
    log.info(await Promise.race([closed, late]));
    process.exit(0);
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
}

/** Logs what nothing caught and ends the process with code 1: what state it left behind is unknown. */
export function exitOnUncaught(log: Logger): void {
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, event);
      process.exit(1);
    });
  }
}

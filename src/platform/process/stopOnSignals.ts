import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";

/** An application that can be stopped. */
export interface Stoppable {
  services: { config: Pick<Config, "webserver"> };
  readiness: { draining: boolean };
  stopAccepting(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Shuts down on SIGTERM or SIGINT: `/readyz` returns 503, connections are no longer accepted after
 * `webserver.drainDelay`, and the process exits with code 0 once everything is closed or `webserver.drainTimeout` has
 * passed. In a terminal there is no delay, because no load balancer is involved. A second signal ends the process
 * immediately.
 */
export function stopOnSignals(app: Stoppable, log: Logger): void {
  const { drainDelay, drainTimeout } = app.services.config.webserver;
  let stopping = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) process.exit(signal === "SIGINT" ? 130 : 143);
    stopping = true;
    const delay = signal === "SIGINT" || process.stdin.isTTY ? 0 : drainDelay;
    log.info({ signal, delay }, "Stopping");
    app.readiness.draining = true;
    await sleep(delay);
    // Without a delay, no client has been told to use another connection.
    const closed = (delay > 0 ? app.stopAccepting() : Promise.resolve()).then(() => app.close()).then(() => "Stopped");
    const late = sleep(
      drainTimeout,
      `Stopped before everything was closed: the drain timeout of ${drainTimeout} ms has passed`,
    );
    log.info(await Promise.race([closed, late]));
    process.exit(0);
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
}

/** Logs uncaught errors and exits with code 1, because the state of the process is unknown. */
export function exitOnUncaught(log: Logger): void {
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, event);
      process.exit(1);
    });
  }
}

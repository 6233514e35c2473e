import { Logger as JobLogger, type RunnerOptions } from "graphile-worker";
import type pg from "pg";
import type { Logger } from "pino";

/** The library logs a line for each job and connection, so its "info" is our debug. */
const levels = { error: "error", warning: "warn", info: "debug", debug: "trace" } as const;

/**
 * Records the end of each job immediately, but through the library's batching: without it, a connection lost at that
 * moment is an unhandled rejection, which would end the process.
 */
const batching = { completeJobBatchDelay: 0, failJobBatchDelay: 0 };

/**
 * Options of every run of the job library: our pool, our log, and no signal handlers. Its messages are logged with the
 * task and job ID, never with a payload.
 */
export function jobOptions(pool: pg.Pool, log: Logger) {
  // Without these listeners, a lost connection would end the process, and the library would print its own warning.
  const lost = (error: Error) => log.warn({ reason: error.message }, "Database connection lost");
  if (pool.listenerCount("error") === 0) pool.on("error", lost);
  if (pool.listenerCount("connect") === 0) pool.on("connect", (client) => client.on("error", lost));
  const logger = new JobLogger(({ taskIdentifier, jobId }) => (level, message) => {
    // Jobs hold no connection while they wait for a cluster or an SMTP server, so a few are enough for many.
    if (message.startsWith("WARNING: having maxPoolSize")) return;
    log[levels[level]]({ task: taskIdentifier, job: jobId }, message);
  });
  return { pgPool: pool, logger, noHandleSignals: true, preset: { worker: { ...batching } } } satisfies RunnerOptions;
}

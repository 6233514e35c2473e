import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type ParsedCronItem,
  type Runner,
  run,
  runOnce,
  type TaskList,
  type WorkerEvents,
  type WorkerPool,
} from "graphile-worker";
import type pg from "pg";
import type { Logger } from "pino";
import { jobOptions } from "./jobOptions.ts";
import { purgeSchedule, purgeTasks } from "./purge.ts";
import { purgeUntaken } from "./purgeUntaken.ts";

/** Delay before restarting the library, which stops if it cannot record the end of a job (database restart). In ms. */
const RESTART_DELAY = 2_000;

/** Interval of the check for jobs that are due or whose notification was lost. In ms. */
const POLL_INTERVAL = 2_000;

/** Options of a worker. */
export interface WorkerOptions {
  /**
   * Shared with requests. LISTEN holds one connection; each job slot uses another while it fetches or finishes a job.
   */
  pool: pg.Pool;
  /** Tasks by name. The purge tasks are added, unless `purges` is false. */
  tasks: TaskList;
  /** Whether this worker also does the purges. Default true; false for a second worker of the same process. */
  purges?: boolean;
  /** Names of tasks for which another worker is responsible: their jobs are kept however long they wait. */
  elsewhere?: readonly string[];
  /** When to add jobs, in addition to the purges. */
  schedule?: ParsedCronItem[];
  /** Maximum number of concurrent jobs. */
  concurrency: number;
  log: Logger;
  /** How long `stop` waits for running jobs, in ms. Default 10000. */
  stopTimeout?: number;
}

/** A running worker. */
export interface Worker {
  /**
   * Stops accepting jobs and waits for the running ones, at most 2 s longer than `stopTimeout`. Shortly before the
   * timeout their abort signal fires; jobs that are still running then go back to the queue.
   */
  stop(): Promise<void>;
}

/**
 * Runs jobs when they are committed (LISTEN, and a check every 2 s) and the purge tasks on schedule. Restarts itself
 * after a database outage. Call `migrateJobs` first. Rejects if the first start fails.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { log, stopTimeout = 10_000 } = options;
  const stopped = new AbortController();
  let stopping: Promise<void> | undefined;
  let current: Running | undefined = await startRunner(options, stopTimeout);

  const restart = async (): Promise<Running | undefined> => {
    for (;;) {
      await sleep(RESTART_DELAY, undefined, { signal: stopped.signal }).catch(() => {});
      if (stopped.signal.aborted) return undefined;
      try {
        const started = await startRunner(options, stopTimeout);
        if (stopped.signal.aborted) await stopRunner(started, stopTimeout, log);
        return started;
      } catch (error) {
        log.error({ err: error }, "Could not restart the job worker");
      }
    }
  };
  const supervised = (async () => {
    while (current) {
      const ended = await current.runner.promise.catch((error: unknown) => error);
      if (!stopped.signal.aborted) log.error({ err: ended }, "The job worker stopped unexpectedly; restarting it");
      current = await restart();
    }
  })();

  return {
    async stop() {
      stopped.abort();
      stopping ??= (async () => {
        if (current) await stopRunner(current, stopTimeout, log);
        await supervised;
      })();
      // Without the database, recording the results of the jobs could take forever.
      await Promise.race([stopping, sleep(stopTimeout + 2_000, undefined, { ref: false })]);
    },
  };
}

/** Runs every job that is due, then returns. */
export async function runJobs(options: { pool: pg.Pool; tasks: TaskList; log: Logger }): Promise<void> {
  await runOnce({ ...jobOptions(options.pool, options.log), concurrency: 1, taskList: options.tasks });
}

interface Running {
  runner: Runner;
  workers: WorkerPool | undefined;
}

async function startRunner(
  { pool, tasks, purges = true, elsewhere = [], schedule = [], concurrency, log }: WorkerOptions,
  stopTimeout: number,
): Promise<Running> {
  const events: WorkerEvents = new EventEmitter();
  let workers: WorkerPool | undefined;
  events.once("pool:create", ({ workerPool }) => {
    workers = workerPool;
  });
  const shared = jobOptions(pool, log);
  const known = { ...purgeTasks, ...tasks };
  const untaken = purgeUntaken([...Object.keys(known), ...elsewhere]);
  const runner = await run({
    ...shared,
    events,
    concurrency,
    pollInterval: POLL_INTERVAL,
    preset: { worker: { ...shared.preset.worker, gracefulShutdownAbortTimeout: stopTimeout * 0.8 } },
    taskList: purges ? { ...known, purgeUntaken: untaken } : tasks,
    parsedCronItems: purges ? [...purgeSchedule, ...schedule] : schedule,
  });
  return { runner, workers };
}

async function stopRunner({ runner, workers }: Running, timeout: number, log: Logger): Promise<void> {
  const force = setTimeout(() => {
    log.warn("Returning running jobs to the queue");
    // Not runner.kill(), which does nothing after stop().
    void Promise.resolve(workers?.forcefulShutdown("The server stopped")).catch(() => {});
  }, timeout);
  // Rejects if the runner stopped just before.
  await runner.stop().catch((error) => log.debug({ err: error }, "The job worker had already stopped"));
  clearTimeout(force);
}

import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type Runner, run, runOnce, type TaskList, type WorkerEvents, type WorkerPool } from "graphile-worker";
import type pg from "pg";
import type { Logger } from "pino";
import { jobOptions } from "./jobOptions.ts";
import { purgeSchedule, purgeTasks } from "./purge.ts";

/** The library gives up for good when it cannot note the end of a job, as while the database restarts. In ms. */
const RESTART_DELAY = 2_000;

/** How often to look for jobs whose time has come, or whose notice was lost. In ms. */
const POLL_INTERVAL = 2_000;

/** What a worker needs. */
export interface WorkerOptions {
  /** Shared with the requests. One connection is held for LISTEN; each job slot takes another while it fetches or ends a job. */
  pool: pg.Pool;
  /** By name. The purge tasks are added. */
  tasks: TaskList;
  /** Jobs at the same time. */
  concurrency: number;
  log: Logger;
  /** How long `stop` waits for running jobs, in ms. Default 10000. */
  stopTimeout?: number;
}

/** A running worker. */
export interface Worker {
  /**
   * Takes no more jobs and waits for the running ones, 2 s longer than `stopTimeout` at most. Shortly before it their
   * abort signal fires; what still runs then is put back into the queue.
   */
  stop(): Promise<void>;
}

/**
 * Runs jobs as they are committed (LISTEN, and a look every 2 s) and the purge tasks at their times. Starts again by
 * itself when the database was away. Call `migrateJobs` before. Rejects when the first start fails.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { log, stopTimeout = 10_000 } = options;
  const stopped = new AbortController();
  let stopping: Promise<void> | undefined;
  let current: Running | undefined = await startRunner(options, stopTimeout);

  const again = async (): Promise<Running | undefined> => {
    for (;;) {
      await sleep(RESTART_DELAY, undefined, { signal: stopped.signal }).catch(() => {});
      if (stopped.signal.aborted) return undefined;
      try {
        const started = await startRunner(options, stopTimeout);
        if (stopped.signal.aborted) await stopRunner(started, stopTimeout, log);
        return started;
      } catch (error) {
        log.error({ err: error }, "job worker could not start again");
      }
    }
  };
  const supervised = (async () => {
    while (current) {
      const ended = await current.runner.promise.catch((error: unknown) => error);
      if (!stopped.signal.aborted) log.error({ err: ended }, "job worker ended; it starts again");
      current = await again();
    }
  })();

  return {
    async stop() {
      stopped.abort();
      stopping ??= (async () => {
        if (current) await stopRunner(current, stopTimeout, log);
        await supervised;
      })();
      // With the database away, noting what became of the jobs could take for ever.
      await Promise.race([stopping, sleep(stopTimeout + 2_000, undefined, { ref: false })]);
    },
  };
}

/** Runs every job that is due, and returns when none is left. */
export async function runJobs(options: { pool: pg.Pool; tasks: TaskList; log: Logger }): Promise<void> {
  await runOnce({ ...jobOptions(options.pool, options.log), concurrency: 1, taskList: options.tasks });
}

interface Running {
  runner: Runner;
  workers: WorkerPool | undefined;
}

async function startRunner({ pool, tasks, concurrency, log }: WorkerOptions, stopTimeout: number): Promise<Running> {
  const events: WorkerEvents = new EventEmitter();
  let workers: WorkerPool | undefined;
  events.once("pool:create", ({ workerPool }) => {
    workers = workerPool;
  });
  const shared = jobOptions(pool, log);
  const runner = await run({
    ...shared,
    events,
    concurrency,
    pollInterval: POLL_INTERVAL,
    preset: { worker: { ...shared.preset.worker, gracefulShutdownAbortTimeout: stopTimeout * 0.8 } },
    taskList: { ...purgeTasks, ...tasks },
    parsedCronItems: purgeSchedule,
  });
  return { runner, workers };
}

async function stopRunner({ runner, workers }: Running, timeout: number, log: Logger): Promise<void> {
  const force = setTimeout(() => {
    log.warn("running jobs go back into the queue");
    // Not runner.kill(): after stop() it does nothing.
    void Promise.resolve(workers?.forcefulShutdown("The server stopped")).catch(() => {});
  }, timeout);
  // Rejects when the runner ended by itself just before.
  await runner.stop().catch((error) => log.debug({ err: error }, "job worker had stopped"));
  clearTimeout(force);
}

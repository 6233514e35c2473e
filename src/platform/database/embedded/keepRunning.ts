import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { stopPostmaster } from "./postmaster.ts";

/** Delays before starting it again, in milliseconds: the first one, doubled after each failure, and the longest one. */
const FIRST_DELAY = 100;
const MAX_DELAY = 10_000;

/** A PostgreSQL that exits earlier than this did not work: the next delay is longer. In milliseconds. */
const STABLE_AFTER = 10_000;

/** What prevents a start until somebody does something about it. */
export class CannotContinue extends Error {}

/** Keeps a PostgreSQL running. */
export interface Keeper {
  /** Shuts it down. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL again with `start` whenever `first`, and what replaced it, exits by itself: also after many failures,
 * since a full disk may have space again. Only after a CannotContinue it calls `givenUp` and stops.
 */
export function keepRunning(
  first: ChildProcess,
  start: () => Promise<ChildProcess>,
  { log, givenUp }: { log: Logger; givenUp(error: Error): void },
): Keeper {
  const stopped = new AbortController();
  let current: ChildProcess | undefined = first;
  let delay = FIRST_DELAY;
  let stopping: Promise<void> | undefined;
  // Stops the database even if the process ends without stop().
  const onExit = () => current?.kill("SIGINT");
  process.once("exit", onExit);

  const startAgain = async (): Promise<ChildProcess | undefined> => {
    for (;;) {
      await sleep(delay, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) return undefined;
      delay = Math.min(delay * 2, MAX_DELAY);
      try {
        const child = await start();
        log.info({ pid: child.pid }, "The embedded PostgreSQL is running again");
        return child;
      } catch (error) {
        if (error instanceof CannotContinue) {
          givenUp(error);
          return undefined;
        }
        log.error({ err: error, retryInMs: delay }, "The embedded PostgreSQL could not be started again");
      }
    }
  };
  const kept = (async () => {
    while (current) {
      const since = performance.now();
      const [code, signal] = await exitOf(current);
      current = undefined;
      if (stopped.signal.aborted) return;
      if (performance.now() - since > STABLE_AFTER) delay = FIRST_DELAY;
      log.error({ code, signal, retryInMs: delay }, "The embedded PostgreSQL exited unexpectedly; starting it again");
      current = await startAgain();
      // Stopped meanwhile.
      if (stopped.signal.aborted && current?.pid) await stopPostmaster(current.pid);
    }
  })();

  return {
    stop() {
      stopped.abort();
      stopping ??= (async () => {
        if (current?.pid) await stopPostmaster(current.pid);
        await kept;
        process.off("exit", onExit);
      })();
      return stopping;
    },
  };
}

async function exitOf(child: ChildProcess): Promise<unknown[]> {
  if (child.exitCode !== null || child.signalCode !== null) return [child.exitCode, child.signalCode];
  return once(child, "exit");
}

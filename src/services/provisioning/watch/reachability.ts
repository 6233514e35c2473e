import { causeOfLoss } from "./causeOfLoss.ts";

/** One of the things that a cluster is asked for. */
export interface Source {
  answered(): void;
  failed(error: Error): void;
}

/** Options of `createReachability`. */
export interface ReachabilityOptions {
  /** Milliseconds for which a source may fail. */
  lostAfter: number;
  now(): Date;
  /** A source has failed for too long: since when, and why in words. */
  lost(since: Date, cause: string): void;
  /** After `lost`: all sources answer again. */
  found(): void;
}

/** Tells whether a cluster can be reached: all of it, because part of the truth is none. */
export interface Reachability {
  /** Adds something that is asked for. */
  source(): Source;
  /** True between `lost` and `found`. */
  readonly isLost: boolean;
  stop(): void;
}

/** Starts with a cluster that is taken to be reachable. */
export function createReachability({ lostAfter, now, lost, found }: ReachabilityOptions): Reachability {
  /** Sources that fail, with the time of their last answer. */
  const failing = new Map<Source, { since: Date; cause: string }>();
  let timer: NodeJS.Timeout | undefined;
  let isLost = false;
  const check = () => {
    clearTimeout(timer);
    const [first] = [...failing.values()].sort((a, b) => a.since.getTime() - b.since.getTime());
    if (!first) {
      if (isLost) {
        isLost = false;
        found();
      }
    } else if (!isLost) {
      const left = first.since.getTime() + lostAfter - now().getTime();
      if (left > 0) timer = setTimeout(check, left);
      else {
        isLost = true;
        lost(first.since, first.cause);
      }
    }
  };
  return {
    get isLost() {
      return isLost;
    },
    source() {
      let answeredAt = now();
      const source: Source = {
        answered() {
          answeredAt = now();
          if (failing.delete(source)) check();
        },
        failed(error) {
          failing.set(source, { since: failing.get(source)?.since ?? answeredAt, cause: causeOfLoss(error) });
          check();
        },
      };
      return source;
    },
    stop: () => clearTimeout(timer),
  };
}

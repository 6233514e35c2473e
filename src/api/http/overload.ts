import { monitorEventLoopDelay } from "node:perf_hooks";
import { AppError } from "../../platform/errors/appError.ts";

/** Whether the process has more to do than it can do in time. */
export interface Overload {
  /** True while further requests and operations must be refused. */
  isOverloaded(): boolean;
  /** Counts a request or operation until the function it returns is called; calling that again has no effect. */
  begin(): () => void;
  /** Starts to measure. */
  watch(): void;
  stop(): void;
}

/** From `webserver`. */
export interface OverloadLimits {
  maxRequests: number;
  /** In milliseconds. */
  maxMeanTime: number;
  /** In milliseconds. */
  maxEventLoopDelay: number;
}

/** Time between two looks at the event loop, and between two changes of the limit, in milliseconds. */
const RESOLUTION = 20;
const INTERVAL = 250;

/** As many requests may be in progress however long they take: some wait for other systems, and keep nobody waiting. */
const MIN_REQUESTS = 100;

/** The factor by which the limit grows in each interval in which requests were answered in time. */
const GROWTH = 1.1;

/**
 * Overloaded means that more than a number of requests are in progress, or that the event loop was later than
 * `maxEventLoopDelay` on average in each of the last two intervals: one slow request or one collection of garbage does not
 * fill two of them.
 *
 * The number is `maxRequests`. When requests took longer than `maxMeanTime` on average, it is what can be done in that time
 * at the present speed (Little's law), and grows back from there.
 */
export function createOverload({ maxRequests, maxMeanTime, maxEventLoopDelay }: OverloadLimits): Overload {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  let [running, limit] = [0, maxRequests];
  let [ended, time, since] = [0, 0, performance.now()];
  let [previous, latest] = [0, 0];
  let timer: NodeJS.Timeout | undefined;

  function adapt() {
    const now = performance.now();
    const inTime = ended === 0 || time / ended <= maxMeanTime;
    const possible = inTime ? limit * GROWTH : (ended * maxMeanTime) / (now - since);
    limit = Math.min(maxRequests, Math.max(MIN_REQUESTS, possible));
    [ended, time, since] = [0, 0, now];
    // The histogram contains the time between two looks. Its mean is NaN if there was none.
    [previous, latest] = [latest, Math.max(0, delay.mean / 1e6 - RESOLUTION) || 0];
    delay.reset();
  }

  return {
    isOverloaded: () => running >= limit || Math.min(previous, latest) > maxEventLoopDelay,
    begin() {
      running += 1;
      const begun = performance.now();
      let isEnded = false;
      return () => {
        if (isEnded) return;
        isEnded = true;
        running -= 1;
        ended += 1;
        time += performance.now() - begun;
      };
    },
    watch() {
      if (timer) return;
      delay.enable();
      timer = setInterval(adapt, INTERVAL);
      timer.unref();
    },
    stop() {
      clearInterval(timer);
      delay.disable();
    },
  };
}

/** The error for a request that is refused: nothing of it has been done. Made once, because its stack takes time. */
export const OVERLOADED = new AppError(
  "SERVICE_UNAVAILABLE",
  "More requests than can be answered in time: try again later",
);

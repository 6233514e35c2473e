/** One timer for many times. */
export interface Alarm {
  /** Rings at this time, in milliseconds, or earlier. */
  setBy(time: number): void;
  stop(): void;
}

/** Longest time of a timer, in milliseconds: Node's own limit is 24 days. */
const MAX_TIMER = 3_600_000;

/** An alarm that has rung must be set again. */
export function createAlarm(now: () => Date, ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let at = Number.POSITIVE_INFINITY;
  return {
    setBy(time) {
      if (time >= at) return;
      clearTimeout(timer);
      const left = Math.min(Math.max(time - now().getTime(), 1), MAX_TIMER);
      at = now().getTime() + left;
      timer = setTimeout(() => {
        at = Number.POSITIVE_INFINITY;
        ring();
      }, left);
    },
    stop: () => clearTimeout(timer),
  };
}

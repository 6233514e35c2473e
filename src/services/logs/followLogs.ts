import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../platform/errors/appError.ts";
import type { LogLine } from "./logLine.ts";
import type { LogFilter } from "./logQuery.ts";
import type { LogPage, LogStore } from "./logStore.ts";

/** Options of `followLogs`. */
export interface Following {
  /** Time between two polls, in milliseconds. */
  interval: number;
  signal: AbortSignal;
}

/** Lines per page. */
const PAGE = 1_000;

/** Lines per poll: the store does not return more than 10,000 lines of a search (`index.max_result_window`). */
const MAX_PER_POLL = 10_000;

/** Lines reach the store out of order: each poll starts this many milliseconds before the newest line seen. */
const OVERLAP = 10_000;

/** Number of lines remembered to avoid duplicates. */
const MAX_SEEN = 50_000;

/** Consecutive failures after which it gives up. */
const MAX_FAILURES = 10;

/**
 * The lines from `filter.from` on, then each new line, without duplicates. A line that reaches the store up to 10 s late is
 * not lost. Polls only when the previous lines were consumed. Throws SERVICE_UNAVAILABLE if the first poll or ten
 * consecutive polls fail. Ends with the signal.
 */
export async function* followLogs(store: LogStore, filter: LogFilter, options: Following): AsyncGenerator<LogLine> {
  const { interval, signal } = options;
  const start = filter.from ?? new Date().toISOString();
  /** Times of the lines already yielded, by key, oldest entry first. */
  const seen = new Map<string, number>();
  let from = start;
  let newest = Date.parse(start);
  // Before the first success, a failure is not tolerated.
  let failures = MAX_FAILURES - 1;
  while (!signal.aborted) {
    let full = true;
    let last = 0;
    let size = PAGE;
    for (let offset = 0; offset < MAX_PER_POLL && full; ) {
      let found: LogPage;
      try {
        size = Math.min(size, MAX_PER_POLL - offset);
        found = await store({ ...filter, from, order: "asc", size, offset, signal });
        failures = 0;
      } catch (error) {
        failures += 1;
        const tolerated = error instanceof AppError && failures < MAX_FAILURES;
        if (!signal.aborted && !tolerated) throw error;
        full = false;
        break;
      }
      full = found.received >= found.size;
      offset += found.received;
      // If the page was too large, this poll continues with the smaller size.
      size = found.size;
      for (const line of found.lines) {
        last = Date.parse(line.timestamp);
        // A line with a future timestamp (a wrong clock) must not make later polls skip lines.
        newest = Math.max(newest, Math.min(last, Date.now()));
        if (seen.has(line.key)) continue;
        seen.set(line.key, last);
        yield line;
        if (signal.aborted) return;
      }
    }
    forget(seen, newest - 2 * OVERLAP);
    if (full && last > 0) {
      // There are more lines than one poll returns. If they all have the same millisecond, continue with the next one.
      from = new Date(last === Date.parse(from) ? last + 1 : last).toISOString();
      continue;
    }
    const back = newest - OVERLAP;
    from = back > Date.parse(start) ? new Date(back).toISOString() : start;
    await sleep(interval, undefined, { signal }).catch(() => undefined);
  }
}

/** Drops lines that no later poll can return, and the oldest ones above the limit. */
function forget(seen: Map<string, number>, before: number) {
  for (const [key, time] of seen) {
    if (time < before || seen.size > MAX_SEEN) seen.delete(key);
  }
}

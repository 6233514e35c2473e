import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../platform/errors/appError.ts";
import type { LogLine } from "./logLine.ts";
import type { LogFilter } from "./logQuery.ts";
import type { LogPage, LogStore } from "./logStore.ts";

/** How to follow. */
export interface Following {
  /** Milliseconds between two looks. */
  every: number;
  signal: AbortSignal;
}

/** Lines are asked for in pages of this many. */
const PAGE = 1_000;

/** Lines of one look: a store gives no line beyond its ten-thousandth (`index.max_result_window`). */
const MAX_IN_LOOK = 10_000;

/** Lines reach the store out of order: each look goes back this many milliseconds behind the newest line seen. */
const OVERLAP = 10_000;

/** Lines remembered so that none comes twice. */
const MAX_SEEN = 50_000;

/** Failures one after the other that are sat out. */
const MAX_FAILURES = 10;

/**
 * The lines from `filter.from` on, then each new one, none twice; a line that reaches the store up to 10 s late is not lost. Asks
 * for more only when what it gave was taken. Throws SERVICE_UNAVAILABLE when the first look fails, or ten in a row. Ends with the signal.
 */
export async function* followLogs(store: LogStore, filter: LogFilter, how: Following): AsyncGenerator<LogLine> {
  const { every, signal } = how;
  const start = filter.from ?? new Date().toISOString();
  /** Times of lines given, by their keys, oldest entry first. */
  const seen = new Map<string, number>();
  let from = start;
  let newest = Date.parse(start);
  // Until a look has succeeded there is nothing to be patient for.
  let failures = MAX_FAILURES - 1;
  while (!signal.aborted) {
    let full = true;
    let last = 0;
    let size = PAGE;
    for (let offset = 0; offset < MAX_IN_LOOK && full; ) {
      let found: LogPage;
      try {
        size = Math.min(size, MAX_IN_LOOK - offset);
        found = await store({ ...filter, from, order: "asc", size, offset, signal });
        failures = 0;
      } catch (error) {
        failures += 1;
        const passing = error instanceof AppError && failures < MAX_FAILURES;
        if (!signal.aborted && !passing) throw error;
        full = false;
        break;
      }
      full = found.given >= found.size;
      offset += found.given;
      // Those that were too large are not tried again in this look.
      size = found.size;
      for (const line of found.lines) {
        last = Date.parse(line.timestamp);
        // A line from the future, by a clock that is wrong, must not lead past all that are to come.
        newest = Math.max(newest, Math.min(last, Date.now()));
        if (seen.has(line.key)) continue;
        seen.set(line.key, last);
        yield line;
        if (signal.aborted) return;
      }
    }
    forget(seen, newest - 2 * OVERLAP);
    if (full && last > 0) {
      // More waits than one look can show. A whole look at one and the same millisecond must not be the next one again.
      from = new Date(last === Date.parse(from) ? last + 1 : last).toISOString();
      continue;
    }
    const back = newest - OVERLAP;
    from = back > Date.parse(start) ? new Date(back).toISOString() : start;
    await sleep(every, undefined, { signal }).catch(() => undefined);
  }
}

/** Drops what no look will show again, and more if there is too much. */
function forget(seen: Map<string, number>, before: number) {
  for (const [key, time] of seen) {
    if (time < before || seen.size > MAX_SEEN) seen.delete(key);
  }
}

import type pg from "pg";
import type { Logger } from "pino";

/** Records which service accounts called, and writes it in batches instead of on every request. */
export interface LastUsed {
  touch(serviceAccountId: string, at: Date): void;
  /** Writes what has been recorded. */
  flush(): Promise<void>;
  /** Writes the rest and stops the timer. */
  stop(): Promise<void>;
}

/** How often the times are written, in milliseconds: `lastUsedAt` is never further behind than this. */
const FLUSH_EVERY = 30_000;

/** Keeps `ServiceAccount.lastUsedAt` with one statement per half minute, whatever the number of requests. */
export function createLastUsed(pool: pg.Pool, log: Logger): LastUsed {
  let seen = new Map<string, Date>();
  const flush = async () => {
    if (seen.size === 0) return;
    const batch = seen;
    seen = new Map();
    // Sorted, so that replicas writing at the same time take row locks in one order and do not deadlock.
    const entries = [...batch].sort(([one], [other]) => (one < other ? -1 : 1));
    try {
      await pool.query({
        text: `UPDATE "ServiceAccount" a SET "lastUsedAt" = greatest(a."lastUsedAt", u.at)
               FROM unnest($1::text[], $2::timestamp[]) AS u(id, at) WHERE a.id = u.id`,
        values: [entries.map(([id]) => id), entries.map(([, at]) => at.toISOString())],
      });
    } catch (error) {
      seen = new Map([...batch, ...seen]);
      throw error;
    }
  };
  const timer = setInterval(() => {
    flush().catch((error: unknown) => log.warn({ err: error }, "lastUsedAt could not be written"));
  }, FLUSH_EVERY);
  timer.unref();
  return {
    touch: (id, at) => void seen.set(id, at),
    flush,
    async stop() {
      clearInterval(timer);
      await flush();
    },
  };
}

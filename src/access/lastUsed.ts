import type pg from "pg";
import type { Logger } from "pino";

/** Records when service accounts send requests, and stores the times in batches instead of on every request. */
export interface LastUsed {
  touch(serviceAccountId: string, at: Date): void;
  /** Stores what has been recorded. */
  flush(): Promise<void>;
  /** Stores the rest and stops the timer. */
  stop(): Promise<void>;
}

/** Milliseconds between writes: the maximum delay of `lastUsedAt`. */
const FLUSH_EVERY = 30_000;

/** Updates `ServiceAccount.lastUsedAt` with one statement every 30 seconds, regardless of the number of requests. */
export function createLastUsed(pool: pg.Pool, log: Logger): LastUsed {
  let seen = new Map<string, Date>();
  const flush = async () => {
    if (seen.size === 0) return;
    const batch = seen;
    seen = new Map();
    // Sorted, so that replicas writing at the same time lock rows in the same order and do not deadlock.
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
    flush().catch((error: unknown) => log.warn({ err: error }, "Could not store lastUsedAt"));
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

import type pg from "pg";
import type { Logger } from "pino";
import type { Credential } from "./authenticate.ts";

/** Records when API keys and sessions are used, and stores the times in batches instead of on every request. */
export interface LastUsed {
  /** `callerId` is the user's or service account's whose valid credential that is. Others have no effect. */
  touch(credential: Credential, callerId: string, at: Date): void;
  /** Stores what has been recorded. */
  flush(): Promise<void>;
  /** Stores the rest and stops the timer. */
  stop(): Promise<void>;
}

/**
 * A key may have been rotated since it was used, so the row decides which of its keys that was. Sorted, so that replicas
 * writing at the same time lock rows in the same order and do not deadlock.
 */
const KEYS = `WITH used AS MATERIALIZED (
  SELECT u.id, max(u.at) AS at, jsonb_object_agg(u.hash, u.at) AS keys
  FROM unnest($1::text[], $2::text[], $3::timestamp[]) AS u(id, hash, at) GROUP BY u.id ORDER BY u.id
)
UPDATE "ServiceAccount" a SET "lastUsedAt" = greatest(a."lastUsedAt", used.at),
  "keyLastUsedAt" = greatest(a."keyLastUsedAt", (used.keys->>a."keyHash")::timestamp),
  "previousKeyLastUsedAt" = greatest(a."previousKeyLastUsedAt", (used.keys->>a."previousKeyHash")::timestamp)
FROM used WHERE a.id = used.id`;

/** A session is for people, who need no more than the minute. Sorted for the same reason. */
const SESSIONS = `WITH used AS MATERIALIZED (
  SELECT s.id, u.at FROM unnest($1::text[], $2::timestamp[]) AS u(id, at) JOIN "Session" s ON s.id = u.id
  WHERE s."lastUsedAt" IS NULL OR s."lastUsedAt" < u.at - interval '1 minute'
  ORDER BY s.id FOR UPDATE OF s
)
UPDATE "Session" s SET "lastUsedAt" = greatest(s."lastUsedAt", used.at) FROM used WHERE s.id = used.id`;

/** Milliseconds between writes: the maximum delay of `lastUsedAt`, to which a minute is added for a session. */
const FLUSH_EVERY = 30_000;

/** The latest value of each key, to be stored together. What could not be stored is stored with the next ones. */
function createBatch<T>(store: (entries: [string, T][]) => Promise<unknown>) {
  let waiting = new Map<string, T>();
  return {
    set(key: string, value: T): void {
      waiting.set(key, value);
    },
    async flush(): Promise<void> {
      if (waiting.size === 0) return;
      const batch = waiting;
      waiting = new Map();
      try {
        await store([...batch]);
      } catch (error) {
        waiting = new Map([...batch, ...waiting]);
        throw error;
      }
    },
  };
}

/**
 * Updates `lastUsedAt` of service accounts, their keys and sessions with one statement for each every 30 seconds, regardless
 * of the number of requests.
 */
export function createLastUsed(pool: pg.Pool, log: Logger): LastUsed {
  /** By hash of the key. */
  const keys = createBatch<{ id: string; at: Date }>((entries) => {
    const values = [
      entries.map(([, { id }]) => id),
      entries.map(([hash]) => hash),
      entries.map(([, { at }]) => at.toISOString()),
    ];
    return pool.query({ text: KEYS, values });
  });
  /** By ID of the session. */
  const sessions = createBatch<Date>((entries) => {
    const values = [entries.map(([id]) => id), entries.map(([, at]) => at.toISOString())];
    return pool.query({ text: SESSIONS, values });
  });
  const flush = async () => {
    await Promise.all([keys.flush(), sessions.flush()]);
  };
  const timer = setInterval(() => {
    flush().catch((error: unknown) => log.warn({ err: error }, "Could not store lastUsedAt"));
  }, FLUSH_EVERY);
  timer.unref();
  return {
    touch(credential, id, at) {
      if (credential.kind === "apiKey") keys.set(credential.hash, { id, at });
      if (credential.kind === "session") sessions.set(credential.sessionId, at);
    },
    flush,
    async stop() {
      clearInterval(timer);
      await flush();
    },
  };
}

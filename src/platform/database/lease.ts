import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "pino";

/** What a holder needs to prove that it still holds a lease, in the statements of its work. */
export interface Lease {
  name: string;
  /** Random; another one each time that a process takes a lease. */
  holder: string;
}

/** Options of a lease. */
export interface LeaseOptions {
  pool: pg.Pool;
  /** Of the work; at most one process does it. */
  name: string;
  /** Milliseconds after which others take over from a process that was killed. Default 10000. */
  ttl?: number;
  /**
   * Called whenever the lease is taken. Must end soon after the signal aborts: the lease could not be renewed in time,
   * another process has it, or it is to be released. When it ends earlier, it is called again after a while.
   */
  work(signal: AbortSignal, lease: Lease): Promise<void>;
  log: Logger;
}

const TTL = 10_000;

/** Parts of the time to live: when a lease is renewed, and how often others ask for it or a failed renewal is repeated. */
const RENEWED_AFTER = 1 / 3;
const ASKED_AFTER = 1 / 10;

/**
 * Takes a lease whenever it is free, and works while it is held, until stopped. The database's clock decides when a lease
 * expires. No connection is held meanwhile. Stopping waits for the work to end and then releases the lease, so that another
 * process has it within a tenth of the time to live.
 */
export function holdLease({ pool, name, ttl = TTL, work, log }: LeaseOptions): { stop(): Promise<void> } {
  const stopped = new AbortController();
  let failing = false;

  /** Takes or renews the lease. Returns until when it is held, as `performance.now()` counts; undefined if by another. */
  const take = async (holder: string): Promise<number | undefined> => {
    const asked = performance.now();
    try {
      const { rowCount } = await pool.query({ name: "takeLease", text: TAKE, values: [name, holder, ttl] });
      failing = false;
      return rowCount === 1 ? asked + ttl : undefined;
    } catch (error) {
      if (!failing) log.warn({ lease: name, reason: (error as Error).message }, "Could not take or renew a lease");
      failing = true;
      throw error;
    }
  };

  const hold = async (holder: string, until: number) => {
    const ended = new AbortController();
    const end = () => ended.abort(stopped.signal.reason);
    stopped.signal.addEventListener("abort", end, { once: true });
    // It may have been stopped while the lease was being taken.
    if (stopped.signal.aborted) end();
    const expired = () => ended.abort(new Error(`The lease ${name} could not be renewed in time`));
    let expiry = setTimeout(expired, until - performance.now());
    const renew = async () => {
      let wait = ttl * RENEWED_AFTER;
      while (await slept(wait, ended.signal)) {
        try {
          const renewed = await take(holder);
          if (renewed === undefined) return ended.abort(new Error(`Another process has taken the lease ${name}`));
          clearTimeout(expiry);
          expiry = setTimeout(expired, renewed - performance.now());
          wait = ttl * RENEWED_AFTER;
        } catch {
          wait = ttl * ASKED_AFTER;
        }
      }
    };
    const renewing = renew();
    try {
      await work(ended.signal, { name, holder });
    } catch (error) {
      if (!ended.signal.aborted) log.error({ lease: name, err: error }, "The work for a lease failed");
    }
    ended.abort();
    stopped.signal.removeEventListener("abort", end);
    // A renewal that comes after the release would take the lease again.
    await renewing;
    clearTimeout(expiry);
    await pool.query({ name: "releaseLease", text: RELEASE, values: [name, holder] }).catch(() => undefined);
  };

  const running = (async () => {
    while (!stopped.signal.aborted) {
      const holder = randomUUID();
      const until = await take(holder).catch(() => undefined);
      if (until !== undefined) await hold(holder, until);
      await slept(ttl * ASKED_AFTER, stopped.signal);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await running;
    },
  };
}

/** Waits; false if the signal aborts before. */
const slept = (milliseconds: number, signal: AbortSignal): Promise<boolean> =>
  sleep(milliseconds, true, { signal }).catch(() => false);

const NOW = `now() AT TIME ZONE 'UTC'`;

/** Others only read while it is held. */
const TAKE = `INSERT INTO "Lease" AS l (name, holder, "expiresAt")
  SELECT $1, $2, ${NOW} + $3::float8 * interval '1 millisecond'
  WHERE NOT EXISTS (SELECT FROM "Lease" x WHERE x.name = $1 AND x.holder <> $2 AND x."expiresAt" > ${NOW})
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, "expiresAt" = excluded."expiresAt"
  WHERE l.holder = excluded.holder OR l."expiresAt" <= ${NOW}`;

/** The row stays as a record that somebody has held the lease. */
const RELEASE = `UPDATE "Lease" SET holder = '', "expiresAt" = ${NOW} WHERE name = $1 AND holder = $2`;

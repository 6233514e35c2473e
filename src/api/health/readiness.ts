import { setImmediate } from "node:timers/promises";
import type pg from "pg";
import { inTime } from "./inTime.ts";

/** Whether this server should receive requests. */
export interface Readiness {
  /** Set at startup, once all migrations have been applied. */
  migrated: boolean;
  /** Set once the port of the API is open: the one with the probes opens first. */
  listening: boolean;
  /** Set when the server is about to stop and should receive no new requests. */
  draining: boolean;
  /** What is missing, as shown by `/readyz`; empty if ready. */
  missing(): Promise<string[]>;
}

/** Time the database has to respond, in milliseconds. */
const TIMEOUT = 2_000;

/** The readiness of a server on this pool. Concurrent probes share one database query. */
export function createReadiness(pool: pg.Pool): Readiness {
  let check: Promise<boolean> | undefined;
  let heardAt = Number.NEGATIVE_INFINITY;
  pool.on("connect", ({ connection }) => {
    connection.stream.on("data", () => {
      heardAt = performance.now();
    });
  });
  // While all connections are busy, the query of a probe waits for its turn. That must not make every server of the platform
  // unready at once.
  const databaseResponds = () => {
    const began = performance.now();
    check ??= respondsInTime(pool, () => heardAt > began).finally(() => {
      check = undefined;
    });
    return check;
  };
  const readiness: Readiness = {
    migrated: false,
    listening: false,
    draining: false,
    async missing() {
      const found: string[] = [];
      if (readiness.draining) found.push("draining: this server is about to stop");
      if (!readiness.migrated) found.push("migrations: not applied yet");
      if (!readiness.listening) found.push("port: webserver.port is not open yet");
      if (!(await databaseResponds())) found.push(`database: no response within ${TIMEOUT} ms`);
      return found;
    },
  };
  return readiness;
}

/** Whether the database responds to a query; if that takes too long, whether it `isHeard` on any connection. */
async function respondsInTime(pool: pg.Pool, isHeard: () => boolean): Promise<boolean> {
  const query = pool.query("SELECT 1").then(
    () => true,
    () => false,
  );
  const responds = await inTime<boolean | undefined>(TIMEOUT, query, undefined);
  if (responds !== undefined) return responds;
  // After a pause of this process, its timers fire before it reads what the database has sent meanwhile.
  await setImmediate();
  return isHeard();
}

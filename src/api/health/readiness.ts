import type pg from "pg";

/** Whether requests should be sent here. */
export interface Readiness {
  /** Set once by the start, when the tables are as this version needs them. */
  migrated: boolean;
  /** Set when the server is about to stop: no new requests, please. */
  draining: boolean;
  /** What is missing, in the words of `/readyz`; empty when ready. */
  missing(): Promise<string[]>;
}

/** How long the database may take to answer, in milliseconds. */
const PATIENCE = 2_000;

/** The readiness of a server on this pool. However many ask at the same time, the database is asked once. */
export function createReadiness(pool: pg.Pool): Readiness {
  let asking: Promise<boolean> | undefined;
  const databaseAnswers = () => {
    asking ??= answersInTime(pool).finally(() => {
      asking = undefined;
    });
    return asking;
  };
  const readiness: Readiness = {
    migrated: false,
    draining: false,
    async missing() {
      const found: string[] = [];
      if (readiness.draining) found.push("draining: this server is about to stop");
      if (!readiness.migrated) found.push("migrations: not applied yet");
      if (!(await databaseAnswers())) found.push(`database: no answer within ${PATIENCE} ms`);
      return found;
    },
  };
  return readiness;
}

async function answersInTime(pool: pg.Pool): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, PATIENCE, false);
  const asked = (async () => pool.query("SELECT 1"))();
  asked.then(
    () => resolve(true),
    () => resolve(false),
  );
  return promise.finally(() => clearTimeout(timer));
}

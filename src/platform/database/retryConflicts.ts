import { setTimeout as sleep } from "node:timers/promises";
import { databaseCode } from "../errors/databaseCode.ts";
import { databaseTime } from "./databaseTime.ts";

/** How often a statement or transaction is repeated, and the longest delay before the first time. In milliseconds. */
const MAX_RETRIES = 3;
const FIRST_DELAY = 20;

/** PostgreSQL rolled a transaction back because of another one: a serialization failure or a deadlock. */
const CONFLICTS = new Set(["40001", "40P01", "P2034"]);

export const isConflict = (error: unknown): boolean => CONFLICTS.has(databaseCode(error) ?? "");

/**
 * Runs `work`, a whole transaction, again if it conflicted with another one: at most three times, after random delays
 * that become longer. The conflict is thrown if that did not help or the request has no time left.
 */
export async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await work();
    } catch (error) {
      const time = databaseTime();
      if (retries === MAX_RETRIES || !isConflict(error) || (time && time.left() <= 0)) throw error;
    }
    // Random, so that two transactions do not meet again.
    await sleep((0.5 + Math.random() / 2) * FIRST_DELAY * 2 ** retries);
  }
}

import { AsyncLocalStorage } from "node:async_hooks";

const current = new AsyncLocalStorage<DatabaseTime>();

/**
 * The time that one request may wait for the database: for connections and for its statements together. Statements that
 * run at the same time count once.
 */
export class DatabaseTime {
  #left: number;
  #waiting = 0;
  #since = 0;

  /** `limit` in milliseconds. */
  constructor(limit: number) {
    this.#left = limit;
  }

  /** Milliseconds left; 0 or less if there are none. */
  left(): number {
    return this.#waiting === 0 ? this.#left : this.#left - (performance.now() - this.#since);
  }

  /** Counts the time until `end`. */
  begin(): void {
    if (this.#waiting === 0) this.#since = performance.now();
    this.#waiting += 1;
  }

  end(): void {
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#left -= performance.now() - this.#since;
  }

  /** Ends the limit, for what the request has started and outlives it. */
  lift(): void {
    this.#left = Number.POSITIVE_INFINITY;
  }

  /** Runs `work`, whose statements this time limits, wherever they are sent from. */
  run<T>(work: () => T): T {
    return current.run(this, work);
  }
}

/** The time of the request that the calling code works for; undefined in jobs and subscriptions, which have none. */
export const databaseTime = (): DatabaseTime | undefined => current.getStore();

/** What statements and connections that exceed a time fail with. asAppError knows the code. */
export const timedOut = (message: string): Error => Object.assign(new Error(message), { code: "ETIMEDOUT" });

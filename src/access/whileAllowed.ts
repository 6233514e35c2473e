import { asAppError } from "../platform/errors/asAppError.ts";

/** Consecutive checks that may fail because the database is unavailable. */
const MAX_UNAVAILABLE = 3;

/** Milliseconds between the expiry of a credential and the check that finds it expired. */
const AFTER_EXPIRY = 50;

/** The check, and when to run it. */
interface Checks {
  /** Throws once the caller may no longer receive events. Returns what `validFor` is from now on. */
  check(): Promise<number | undefined>;
  /** Milliseconds until the caller's credential expires; undefined if it does not. */
  validFor?: number | undefined;
  /** Milliseconds between two checks. */
  every: number;
  /** Calls `recheck` when the caller may have lost a permission. Returns the function that unsubscribes. */
  onDoubt(recheck: () => void): () => void;
}

/**
 * Forwards `events` as long as `check` succeeds. Once it throws, the stream throws the same error and ends; two failures in a
 * row because the database is unavailable are tolerated.
 */
export function whileAllowed<T>(
  events: AsyncIterableIterator<T>,
  { check, validFor, every, onDoubt }: Checks,
): AsyncIterableIterator<T> {
  let denial: { error: unknown } | undefined;
  /** Rejects the pending `next`. */
  let interrupt: ((error: unknown) => void) | undefined;
  let unavailable = 0;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  let checking = false;
  /** A recheck was requested while one was running. */
  let pending = false;
  let remaining = validFor;

  const finish = async () => {
    ended = true;
    clearTimeout(timer);
    unsubscribe();
    await events.return?.();
  };
  const deny = (error: unknown) => {
    denial = { error };
    void finish().catch(() => undefined);
    if (!interrupt) return;
    // Reported here, so `next` must not report it again.
    denial = undefined;
    interrupt(error);
  };
  const recheck = async () => {
    if (ended) return;
    clearTimeout(timer);
    pending = checking;
    if (checking) return;
    checking = true;
    try {
      remaining = await check();
      unavailable = 0;
    } catch (error) {
      if (ended) return;
      unavailable += 1;
      const temporary = asAppError(error)?.code === "SERVICE_UNAVAILABLE";
      if (!temporary || unavailable >= MAX_UNAVAILABLE) return deny(error);
    } finally {
      checking = false;
    }
    if (pending) return recheck();
    if (!ended) schedule();
  };
  // Spreads out the checks of subscriptions that started together.
  const schedule = () => {
    const next = every * (0.8 + 0.2 * Math.random());
    // Timers may fire a little early, when the database still counts the credential as valid.
    timer = setTimeout(recheck, Math.min(next, Math.max(remaining ?? next, 0) + AFTER_EXPIRY));
    timer.unref();
  };
  schedule();
  const unsubscribe = onDoubt(() => void recheck());

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (denial) {
        const { error } = denial;
        denial = undefined;
        return Promise.reject(error);
      }
      if (ended) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve, reject) => {
        interrupt = reject;
        events.next().then(resolve, reject);
      }).finally(() => {
        interrupt = undefined;
      }) as Promise<IteratorResult<T>>;
    },
    async return() {
      await finish();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await finish();
      throw error;
    },
  };
}

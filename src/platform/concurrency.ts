import pLimit from "p-limit";
import { AppError } from "./errors/appError.ts";

/**
 * Runs at most `most` at once in this process; the others wait, first come first served. Whoever's signal fires before its
 * turn stops waiting and throws the signal's reason.
 */
export function queueBeyond(most: number): <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T> {
  const limit = pLimit(most);
  return async (work, signal) => {
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    const turn = limit(() => {
      signal.removeEventListener("abort", abort);
      signal.throwIfAborted();
      return work();
    });
    return Promise.race([turn, aborted.promise]);
  };
}

/** Runs at most `most` at once in this process. Throws SERVICE_UNAVAILABLE immediately beyond that. */
export function rejectBeyond(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const limit = pLimit(most);
  return async (work) => {
    if (limit.activeCount >= most)
      throw new AppError("SERVICE_UNAVAILABLE", "Too many such requests right now; try again");
    return limit(work);
  };
}

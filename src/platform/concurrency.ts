import pLimit from "p-limit";
import { AppError } from "./errors/appError.ts";

/**
 * Limits concurrent calls in this process to `max`; further calls wait in the order they arrived. A call whose signal aborts
 * before its turn throws the signal's reason.
 */
export function queueBeyond(max: number): <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T> {
  const limit = pLimit(max);
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

/** Limits concurrent calls in this process to `max`; further calls throw SERVICE_UNAVAILABLE immediately. */
export function rejectBeyond(max: number): <T>(work: () => Promise<T>) => Promise<T> {
  const limit = pLimit(max);
  return async (work) => {
    if (limit.activeCount >= max)
      throw new AppError("SERVICE_UNAVAILABLE", "Too many such requests right now; try again");
    return limit(work);
  };
}

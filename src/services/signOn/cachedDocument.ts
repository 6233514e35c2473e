/** A document of another server, which is fetched when it is needed, once for all who wait for it. */
export interface CachedDocument<T> {
  /** The document. One that is too old is returned at once, and fetched again for the next ones. */
  get(): Promise<T>;
  /** The document as it is now, or as it was less than a moment ago. */
  renewed(): Promise<T>;
}

/** Age after which a document is fetched again, and after which it is no longer used, in milliseconds. */
const MAX_AGE = 3_600_000;
const MAX_USE = 86_400_000;

/** Shortest time between two attempts to fetch it, in milliseconds. */
const MIN_INTERVAL = 2_000;

/** Until the shortest time has passed, the result of the last attempt counts, also if it was an error. */
export function cachedDocument<T>(fetchDocument: () => Promise<T>): CachedDocument<T> {
  let known: { value: T; at: number } | undefined;
  let last: { result: Promise<T>; at: number; ended: boolean } | undefined;

  function fetchOnce(): Promise<T> {
    const now = performance.now();
    if (last && (!last.ended || now - last.at < MIN_INTERVAL)) return last.result;
    const attempt = { result: fetchDocument(), at: now, ended: false };
    last = attempt;
    attempt.result
      .then((value) => {
        known = { value, at: performance.now() };
      })
      // Whoever waits for it gets the error.
      .catch(() => undefined)
      .finally(() => {
        attempt.ended = true;
        attempt.at = performance.now();
      });
    return attempt.result;
  }

  return {
    async get() {
      const age = known ? performance.now() - known.at : Number.POSITIVE_INFINITY;
      if (!known || age > MAX_USE) return fetchOnce();
      if (age > MAX_AGE) fetchOnce().catch(() => undefined);
      return known.value;
    },
    renewed: () => fetchOnce(),
  };
}

import { asAppError } from "../errors.ts";

/** Looks in a row that may fail for want of an answer: the database may be away for a moment, but not for long. */
const MOST_UNANSWERED = 3;

/**
 * `events` for as long as `check` lets them pass: it is asked every `every` milliseconds. Once it throws, the stream throws the
 * same and ends; that the database was not available is sat out twice.
 */
export function whileAllowed<T>(
  events: AsyncIterableIterator<T>,
  check: () => Promise<void>,
  every: number,
): AsyncIterableIterator<T> {
  let refusal: { error: unknown } | undefined;
  /** Ends the `next` that waits. */
  let interrupt: ((error: unknown) => void) | undefined;
  let unanswered = 0;
  let timer: NodeJS.Timeout | undefined;
  let over = false;

  const finish = async () => {
    over = true;
    clearTimeout(timer);
    await events.return?.();
  };
  const refuse = (error: unknown) => {
    refusal = { error };
    void finish().catch(() => undefined);
    if (!interrupt) return;
    // Told here, so `next` must not tell it again.
    refusal = undefined;
    interrupt(error);
  };
  const look = async () => {
    try {
      await check();
      unanswered = 0;
    } catch (error) {
      if (over) return;
      unanswered += 1;
      const passing = asAppError(error)?.code === "SERVICE_UNAVAILABLE";
      if (!passing || unanswered >= MOST_UNANSWERED) return refuse(error);
    }
    if (!over) schedule();
  };
  // Subscriptions that began together do not ask together for ever.
  const schedule = () => {
    timer = setTimeout(look, every * (0.8 + 0.2 * Math.random()));
    timer.unref();
  };
  schedule();

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (refusal) {
        const { error } = refusal;
        refusal = undefined;
        return Promise.reject(error);
      }
      if (over) return Promise.resolve({ done: true, value: undefined });
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

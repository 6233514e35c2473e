import { asAppError } from "../platform/errors/asAppError.ts";

/** Looks in a row that may fail for want of an answer: the database may be away for a moment, but not for long. */
const MAX_UNANSWERED = 3;

/** When to look, and at what. */
interface Looks {
  /** Throws once they may no longer. */
  check(): Promise<void>;
  /** Milliseconds between two looks. */
  every: number;
  /** Calls `look` when there is reason to look at once. Gives the function that ends it. */
  doubts(look: () => void): () => void;
}

/**
 * `events` for as long as `check` lets them pass. Once it throws, the stream throws the same and ends; that the database was not
 * available is sat out twice.
 */
export function whileAllowed<T>(
  events: AsyncIterableIterator<T>,
  { check, every, doubts }: Looks,
): AsyncIterableIterator<T> {
  let refusal: { error: unknown } | undefined;
  /** Ends the `next` that waits. */
  let interrupt: ((error: unknown) => void) | undefined;
  let unanswered = 0;
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  let looking = false;
  /** What is looked at may have changed since that began. */
  let again = false;

  const finish = async () => {
    over = true;
    clearTimeout(timer);
    leave();
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
    if (over) return;
    clearTimeout(timer);
    again = looking;
    if (looking) return;
    looking = true;
    try {
      await check();
      unanswered = 0;
    } catch (error) {
      if (over) return;
      unanswered += 1;
      const passing = asAppError(error)?.code === "SERVICE_UNAVAILABLE";
      if (!passing || unanswered >= MAX_UNANSWERED) return refuse(error);
    } finally {
      looking = false;
    }
    if (again) return look();
    if (!over) schedule();
  };
  // Subscriptions that began together do not ask together for ever.
  const schedule = () => {
    timer = setTimeout(look, every * (0.8 + 0.2 * Math.random()));
    timer.unref();
  };
  schedule();
  const leave = doubts(() => void look());

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

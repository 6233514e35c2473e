import type { Context } from "../access/context.ts";
import type { Resolver } from "./resolver.ts";

/** Yields events until the signal aborts. */
export type Source<Event> = (signal: AbortSignal) => AsyncGenerator<Event>;

/** A subscription field whose value is each event. */
export interface SubscriptionField<Event> {
  subscribe: Resolver<AsyncIterableIterator<Event>>;
  resolve(event: Event): Event;
}

/**
 * A subscription field. `begin` validates the arguments, throws for invalid ones, and returns the source of events; each event is
 * the field's value. The source's signal aborts as soon as the client unsubscribes, even if the source is waiting.
 */
export const subscriptionField = <Event>(
  begin: (ctx: Context, args: unknown) => Promise<Source<Event>>,
): SubscriptionField<Event> => ({
  subscribe: async (_source, args, ctx) => abortable(await begin(ctx, args)),
  resolve: (event) => event,
});

function abortable<Event>(source: Source<Event>): AsyncIterableIterator<Event> {
  const controller = new AbortController();
  const events = source(controller.signal);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => events.next(),
    async return() {
      controller.abort();
      await events.return(undefined);
      return { done: true, value: undefined };
    },
  };
}

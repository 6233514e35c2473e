import type { GraphQLFieldResolver } from "graphql";
import type { Context } from "../access/context.ts";

/** Yields events until the signal aborts. */
export type Source = (signal: AbortSignal) => AsyncGenerator<unknown>;

/**
 * A subscription field. `begin` validates the arguments, throws for invalid ones, and returns the source of events; each event is
 * the field's value. The source's signal aborts as soon as the client unsubscribes, whatever the source is waiting for.
 */
export const subscriptionField = (begin: (ctx: Context, args: unknown) => Promise<Source>) => ({
  subscribe: (async (_source, args, ctx) => abortable(await begin(ctx, args))) as GraphQLFieldResolver<
    never,
    Context,
    never
  >,
  resolve: ((event: unknown) => event) as GraphQLFieldResolver<never, Context, never>,
});

function abortable(source: Source): AsyncIterableIterator<unknown> {
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

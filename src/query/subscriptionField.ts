import type { GraphQLFieldResolver } from "graphql";
import type { Context } from "../access/context.ts";

/** Events until the signal. */
export type Source = (signal: AbortSignal) => AsyncGenerator<unknown>;

/**
 * A subscription field. `begin` looks at the arguments, throws what is wrong with them and gives the source of events; each event
 * is the field's value. The source's signal fires as soon as nobody follows any more, whatever it waits for.
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

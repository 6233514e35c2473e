import { type ExecutionArgs, GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from "graphql";
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer } from "graphql-ws";
import type { Asked, Operations, Prepared, Result } from "./executor.ts";
import { askedIn, fullMessage, isFull, type Talk, type TalkLimits, tokenIn } from "./session.ts";
import type { Line } from "./socket.ts";

/** The sub-protocol of newer clients. */
export const NEW_PROTOCOL = GRAPHQL_TRANSPORT_WS_PROTOCOL;

interface Extra {
  line: Line;
  token: string | undefined;
  anonymous: boolean;
  /** Operations that work on their answer, or on their first event. The library forgets those that are completed meanwhile. */
  atWork: number;
}

/** What the library hands from one hook to the next. */
interface Args extends ExecutionArgs {
  asked: Asked;
  prepared: Prepared;
  extra: Extra;
}

/** How lines speak `graphql-transport-ws`, by the library graphql-ws. */
export function createNewProtocol(schema: GraphQLSchema, operations: Operations, limits: TalkLimits) {
  const refused = (errors: readonly GraphQLFormattedError[]) => errors.map(asError);
  const library = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: limits.initTimeout,
    async onConnect({ connectionParams, extra }) {
      try {
        extra.token = tokenIn(connectionParams, extra.line);
      } catch {
        return false;
      }
      const who = await operations.welcomes(extra.token);
      extra.anonymous = who !== "somebody";
      return who !== undefined;
    },
    onSubscribe({ subscriptions, extra }, _id, payload) {
      // The new one is among them.
      const running = Object.keys(subscriptions).length - 1;
      if (isFull(limits, running, extra.atWork)) return [new GraphQLError(fullMessage(limits))];
      const asked = askedIn(payload);
      if (!asked) return [new GraphQLError("variables: needs an object")];
      const prepared = operations.prepare(asked);
      if (Array.isArray(prepared)) return refused(prepared);
      const { document } = prepared;
      const contextValue = operations.context(extra.token);
      // Now, because the library goes on a little later and the next message may come first.
      extra.atWork += 1;
      return { schema, document, operationName: asked.operationName, contextValue, asked, prepared, extra } as Args;
    },
    // Results are ready to be sent; the library only has names of its own for them.
    execute: (({ asked, contextValue, extra }: Args) =>
      working(extra, operations.execute(asked, contextValue as never))) as never,
    subscribe: (({ prepared, asked, contextValue, extra }: Args) =>
      working(extra, operations.subscribe(prepared, asked, contextValue as never))) as never,
    onNext: (_ctx, _id, _payload, _args, result) => result as Result as never,
    onError: (_ctx, _id, _payload, errors) =>
      errors.map((error) => (error.extensions[ready] ? shownOf(error) : operations.shown(error))),
  });

  return (line: Line): Talk => {
    let take: (text: string) => Promise<void> = async () => {};
    const extra: Extra = { line, token: undefined, anonymous: true, atWork: 0 };
    let running = 0;
    const closed = library.opened(
      {
        protocol: NEW_PROTOCOL,
        send: line.send,
        close: (code, reason) => line.close(code ?? 1000, reason ?? ""),
        onMessage(listener) {
          take = listener;
        },
      },
      extra,
    );
    return {
      message(text) {
        running += 1;
        take(text)
          .catch((error) => {
            const { message, extensions } = operations.shown(error);
            line.close(extensions?.code === "SERVICE_UNAVAILABLE" ? 1013 : 1011, message.slice(0, 100));
          })
          .finally(() => {
            running -= 1;
          });
      },
      beat() {},
      closed: (code, reason) => void closed(code, reason).catch(() => undefined),
      count: () => running,
      anonymous: () => extra.anonymous,
    };
  };
}

/** Work that `onSubscribe` has counted, until it is done. */
async function working<T>(extra: Extra, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } finally {
    extra.atWork -= 1;
  }
}

/** Marks an error that was formatted before, so that it is not formatted again. */
const ready = "ready";

const asError = ({ message, extensions, ...rest }: GraphQLFormattedError) =>
  Object.assign(
    new GraphQLError(message, { extensions: { ...extensions, [ready]: { message, extensions, ...rest } } }),
  );

const shownOf = (error: GraphQLError) => error.extensions[ready] as GraphQLFormattedError;

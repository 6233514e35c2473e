import { type ExecutionArgs, GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from "graphql";
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer } from "graphql-ws";
import type { Executor, Prepared, Result, SocketRequest } from "./executor.ts";
import { fullMessage, isFull, requestIn, type Session, type SessionLimits, tokenIn } from "./session.ts";
import type { ClientSocket } from "./socket.ts";

/** The sub-protocol of newer clients. */
export const TRANSPORT_WS = GRAPHQL_TRANSPORT_WS_PROTOCOL;

interface Extra {
  client: ClientSocket;
  token: string | undefined;
  anonymous: boolean;
  /** Executor that work on their answer, or on their first event. The library forgets those that are completed meanwhile. */
  atWork: number;
}

/** What the library hands from one hook to the next. */
interface Args extends ExecutionArgs {
  asked: SocketRequest;
  prepared: Prepared;
  extra: Extra;
}

/** How lines speak `graphql-transport-ws`, by the library graphql-ws. */
export function createTransportWs(schema: GraphQLSchema, executor: Executor, limits: SessionLimits) {
  const refused = (errors: readonly GraphQLFormattedError[]) => errors.map(asError);
  const library = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: limits.initTimeout,
    async onConnect({ connectionParams, extra }) {
      try {
        extra.token = tokenIn(connectionParams, extra.client);
      } catch {
        return false;
      }
      const who = await executor.welcomes(extra.token);
      extra.anonymous = who !== "somebody";
      return who !== undefined;
    },
    onSubscribe({ subscriptions, extra }, _id, payload) {
      // The new one is among them.
      const running = Object.keys(subscriptions).length - 1;
      if (isFull(limits, running, extra.atWork)) return [new GraphQLError(fullMessage(limits))];
      const asked = requestIn(payload);
      if (!asked) return [new GraphQLError("variables: needs an object")];
      const prepared = executor.prepare(asked);
      if (Array.isArray(prepared)) return refused(prepared);
      const { document } = prepared;
      const contextValue = executor.context(extra.token);
      // Now, because the library goes on a little later and the next message may come first.
      extra.atWork += 1;
      return { schema, document, operationName: asked.operationName, contextValue, asked, prepared, extra } as Args;
    },
    // Results are ready to be sent; the library only has names of its own for them.
    execute: (({ asked, contextValue, extra }: Args) =>
      working(extra, executor.execute(asked, contextValue as never))) as never,
    subscribe: (({ prepared, asked, contextValue, extra }: Args) =>
      working(extra, executor.subscribe(prepared, asked, contextValue as never))) as never,
    onNext: (_ctx, _id, _payload, _args, result) => result as Result as never,
    onError: (_ctx, _id, _payload, errors) =>
      errors.map((error) => (error.extensions[ready] ? shownOf(error) : executor.shown(error))),
  });

  return (client: ClientSocket): Session => {
    let take: (text: string) => Promise<void> = async () => {};
    const extra: Extra = { client, token: undefined, anonymous: true, atWork: 0 };
    let running = 0;
    const closed = library.opened(
      {
        protocol: TRANSPORT_WS,
        send: client.send,
        close: (code, reason) => client.close(code ?? 1000, reason ?? ""),
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
            const { message, extensions } = executor.shown(error);
            client.close(extensions?.code === "SERVICE_UNAVAILABLE" ? 1013 : 1011, message.slice(0, 100));
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

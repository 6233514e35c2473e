import { type ExecutionArgs, GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from "graphql";
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer } from "graphql-ws";
import type { Executor, Prepared, Result, SocketRequest } from "./executor.ts";
import {
  BAD_TOKEN,
  BAD_TOKEN_CODE,
  fullMessage,
  isFull,
  requestIn,
  type Session,
  type SessionLimits,
  tokenIn,
} from "./session.ts";
import type { ClientSocket } from "./socket.ts";

/** The sub-protocol of newer clients. */
export const TRANSPORT_WS = GRAPHQL_TRANSPORT_WS_PROTOCOL;

interface Extra {
  client: ClientSocket;
  token: string | undefined;
  anonymous: boolean;
  /** Operations that have no result or first event yet. The library does not count those completed in the meantime. */
  active: number;
}

/** What the library passes from one hook to the next. */
interface Args extends ExecutionArgs {
  request: SocketRequest;
  prepared: Prepared;
  extra: Extra;
}

/** Handles sockets that speak `graphql-transport-ws`, with the library graphql-ws. */
export function createTransportWs(schema: GraphQLSchema, executor: Executor, limits: SessionLimits) {
  const rejectedWith = (errors: readonly GraphQLFormattedError[]) => errors.map(asError);
  const library = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: limits.initTimeout,
    async onConnect({ connectionParams, extra }) {
      let caller: Awaited<ReturnType<Executor["identify"]>>;
      try {
        extra.token = tokenIn(connectionParams, extra.client);
        caller = await executor.identify(extra.token);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
      extra.anonymous = caller !== "known";
      // First, because the library would close with 4403; then its own close changes nothing.
      if (caller === undefined) extra.client.close(BAD_TOKEN_CODE, BAD_TOKEN);
      return caller !== undefined;
    },
    onSubscribe({ subscriptions, extra }, _id, payload) {
      // Without the new one.
      const running = Object.keys(subscriptions).length - 1;
      if (isFull(limits, running, extra.active)) return [new GraphQLError(fullMessage(limits))];
      const request = requestIn(payload);
      if (!request) return [new GraphQLError("variables: must be an object")];
      const prepared = executor.prepare(request);
      if (Array.isArray(prepared)) return rejectedWith(prepared);
      const { document } = prepared;
      const contextValue = executor.context(extra.token, extra.client.sender);
      // Counted here, because the library continues asynchronously and may handle the next message first.
      extra.active += 1;
      return { schema, document, operationName: request.operationName, contextValue, request, prepared, extra } as Args;
    },
    // Results are already formatted; the casts are needed because the library has its own types.
    execute: (({ request, contextValue, extra }: Args) =>
      working(extra, executor.execute(request, contextValue as never))) as never,
    subscribe: (({ prepared, request, contextValue, extra }: Args) =>
      working(extra, executor.subscribe(prepared, request, contextValue as never))) as never,
    onNext: (_ctx, _id, _payload, _args, result) => result as Result as never,
    onError: (_ctx, _id, _payload, errors) =>
      errors.map((error) => (error.extensions[ready] ? shownOf(error) : executor.shown(error))),
  });

  return (client: ClientSocket): Session => {
    let handle: (text: string) => Promise<void> = async () => {};
    const extra: Extra = { client, token: undefined, anonymous: true, active: 0 };
    let running = 0;
    const closed = library.opened(
      {
        protocol: TRANSPORT_WS,
        send: client.send,
        close: (code, reason) => client.close(code ?? 1000, reason ?? ""),
        onMessage(listener) {
          handle = listener;
        },
      },
      extra,
    );
    return {
      message(text) {
        running += 1;
        handle(text)
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

/** Uncounts an operation of `onSubscribe` when its work is done. */
async function working<T>(extra: Extra, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } finally {
    extra.active -= 1;
  }
}

/** Marks an error that is already formatted. */
const ready = "ready";

const asError = ({ message, extensions, ...rest }: GraphQLFormattedError) =>
  Object.assign(
    new GraphQLError(message, { extensions: { ...extensions, [ready]: { message, extensions, ...rest } } }),
  );

const shownOf = (error: GraphQLError) => error.extensions[ready] as GraphQLFormattedError;

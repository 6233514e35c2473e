import type { GraphQLFormattedError } from "graphql";
import type { Executor, Result, Results, SocketRequest } from "./executor.ts";
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

/** The sub-protocol of older clients: `graphql-ws` as implemented by subscriptions-transport-ws. */
export const LEGACY_GRAPHQL_WS = "graphql-ws";

type Message = { type?: unknown; id?: unknown; payload?: unknown };

/** Operations without an ID share this one, so a new one replaces the one before. */
const NO_ID = Symbol("no id");
type Id = string | typeof NO_ID;

/** Characters that a client may send before `connection_ack`; they are kept in memory. */
const MAX_EARLY = 65_536;

/**
 * Speaks the old protocol: receives `connection_init`, `start`, `stop` and `connection_terminate`; sends
 * `connection_ack`, `ka`, `data`, `error`, `complete` and `connection_error`. A `start` may arrive before
 * `connection_ack`, or even before `connection_init`, and waits. If it has no ID, neither do its responses. Every
 * payload is an object.
 */
export function speakLegacyGraphqlWs(client: ClientSocket, executor: Executor, limits: SessionLimits): Session {
  /** Running operations by ID; `events` is null until a subscription has started. */
  const running = new Map<Id, { events: Results | null; stopped: boolean }>();
  // Includes stopped operations that have not finished yet.
  let active = 0;
  const credential = Promise.withResolvers<string | undefined>();
  // No operation may be waiting when the client disconnects.
  credential.promise.catch(() => undefined);
  let initReceived = false;
  let acknowledged = false;
  let anonymous = true;
  let early = 0;
  const timer = setTimeout(() => {
    if (!initReceived) client.close(4408, "Connection initialisation timeout");
  }, limits.initTimeout);
  timer.unref();

  const send = (type: string, id: Id = NO_ID, payload?: unknown) =>
    client.send(JSON.stringify({ type, ...(id !== NO_ID && { id }), ...(payload !== undefined && { payload }) }));

  async function init(payload: unknown) {
    if (initReceived) return;
    initReceived = true;
    clearTimeout(timer);
    try {
      const token = tokenIn(payload, client);
      const caller = await executor.identify(token);
      if (!caller) throw new Error("rejected");
      acknowledged = true;
      anonymous = caller === "anonymous";
      await send("connection_ack");
      await send("ka");
      credential.resolve(token);
    } catch (error) {
      const rejected = error instanceof TypeError || (error as Error).message === "rejected";
      const message = rejected ? BAD_TOKEN : executor.shown(error).message;
      await send("connection_error", NO_ID, { message });
      client.close(rejected ? BAD_TOKEN_CODE : 1013, rejected ? BAD_TOKEN : "Try again later");
      credential.reject(error);
    }
  }

  async function start(id: Id, payload: unknown) {
    const request = requestIn(payload);
    if (!request) return send("error", id, { message: "start: payload must be an object with a query" });
    void stop(id).catch(() => undefined);
    if (isFull(limits, running.size, active)) return send("error", id, { message: fullMessage(limits) });
    const operation: { events: Results | null; stopped: boolean } = { events: null, stopped: false };
    running.set(id, operation);
    active += 1;
    try {
      await run(id, operation, request);
    } catch (error) {
      if (!operation.stopped) await send("error", id, executor.shown(error));
    } finally {
      active -= 1;
      if (running.get(id) === operation) running.delete(id);
    }
    if (!operation.stopped) await send("complete", id);
  }

  async function run(id: Id, operation: { events: Results | null; stopped: boolean }, request: SocketRequest) {
    const token = await credential.promise;
    if (operation.stopped) return undefined;
    const prepared = executor.prepare(request);
    if (Array.isArray(prepared)) return send("error", id, inOne(prepared));
    const ctx = executor.context(token, client.sender);
    if (!prepared.subscription) {
      const answer = await executor.execute(request, ctx);
      return operation.stopped ? undefined : send("data", id, answer);
    }
    const result = await executor.subscribe(prepared, request, ctx);
    if (!isEvents(result)) return operation.stopped ? undefined : send("error", id, inOne(result.errors ?? []));
    operation.events = result;
    if (operation.stopped) return result.return?.().then(() => undefined);
    for await (const event of result) {
      if (operation.stopped) break;
      await send("data", id, event);
    }
  }

  async function stop(id: Id) {
    const operation = running.get(id);
    if (!operation) return;
    running.delete(id);
    operation.stopped = true;
    await operation.events?.return?.();
  }

  async function handle({ type, id: sentId, payload }: Message) {
    const id: Id = typeof sentId === "string" || typeof sentId === "number" ? String(sentId) : NO_ID;
    switch (type) {
      case "connection_init":
        return init(payload);
      case "start":
        return start(id, payload);
      case "stop":
        await stop(id);
        return send("complete", id);
      case "connection_terminate":
        return client.close(1000, "Terminated");
      default:
        return send("error", id, { message: "Unknown message type" });
    }
  }

  return {
    message(text) {
      if (!acknowledged) early += text.length;
      if (early > MAX_EARLY) return client.close(4429, "Too many messages before connection_ack");
      let message: unknown;
      try {
        message = JSON.parse(text);
      } catch {
        return client.close(4400, "Messages must be JSON");
      }
      if (typeof message !== "object" || message === null) return client.close(4400, "Messages must be JSON objects");
      void handle(message).catch(() => client.close(1011, "Internal error"));
    },
    beat() {
      if (acknowledged) void send("ka");
    },
    closed() {
      clearTimeout(timer);
      credential.reject(new Error("closed"));
      for (const id of [...running.keys()]) void stop(id).catch(() => undefined);
    },
    count: () => active,
    anonymous: () => anonymous,
  };
}

const isEvents = (result: Results | Result): result is Results => Symbol.asyncIterator in result;

/** Several errors as one object, because a payload must be an object. */
const inOne = (errors: readonly GraphQLFormattedError[]) =>
  errors.length === 1 ? errors[0] : { ...errors[0], errors };

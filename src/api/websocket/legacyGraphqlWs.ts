import type { GraphQLFormattedError } from "graphql";
import type { Executor, Result, Results, SocketRequest } from "./executor.ts";
import { fullMessage, isFull, requestIn, type Session, type SessionLimits, tokenIn } from "./session.ts";
import type { ClientSocket } from "./socket.ts";

/** The sub-protocol of older clients, `graphql-ws` as subscriptions-transport-ws spoke it. */
export const LEGACY_GRAPHQL_WS = "graphql-ws";

type Message = { type?: unknown; id?: unknown; payload?: unknown };

/** Executor without an id are one after the other the same one. */
const NO_ID = Symbol("no id");
type Id = string | typeof NO_ID;

const DENIED_CODE = 4403;

/** Characters that a client may send before it is welcome: they wait in memory. */
const MAX_EARLY = 65_536;

/**
 * Speaks the old protocol: `connection_init`, `start`, `stop`, `connection_terminate` in; `connection_ack`, `ka`, `data`, `error`,
 * `complete`, `connection_error` out. A `start` may come before the answer to `connection_init`, or even before it, and waits. It
 * may have no id, and then its answers have none. Every payload is an object.
 */
export function speakLegacyGraphqlWs(client: ClientSocket, executor: Executor, limits: SessionLimits): Session {
  /** Executor by id; null until they have begun. */
  const running = new Map<Id, { events: Results | null; stopped: boolean }>();
  // A stopped one is no longer known by its id, but may still be at work.
  let underWay = 0;
  const introduced = Promise.withResolvers<string | undefined>();
  // Nobody may be waiting when the client goes.
  introduced.promise.catch(() => undefined);
  let initReceived = false;
  let acknowledged = false;
  let anonymous = true;
  let early = 0;
  const timer = setTimeout(() => {
    if (!initReceived) client.close(4408, "Connection initialisation timeout");
  }, limits.initTimeout);
  timer.unref();

  const say = (type: string, id: Id = NO_ID, payload?: unknown) =>
    client.send(JSON.stringify({ type, ...(id !== NO_ID && { id }), ...(payload !== undefined && { payload }) }));

  async function init(payload: unknown) {
    if (initReceived) return;
    initReceived = true;
    clearTimeout(timer);
    try {
      const token = tokenIn(payload, client);
      const who = await executor.welcomes(token);
      if (!who) throw new Error("refused");
      acknowledged = true;
      anonymous = who === "nobody";
      await say("connection_ack");
      await say("ka");
      introduced.resolve(token);
    } catch (error) {
      const refused = error instanceof TypeError || (error as Error).message === "refused";
      const message = refused ? "The token is not good, or no longer" : executor.shown(error).message;
      await say("connection_error", NO_ID, { message });
      client.close(refused ? DENIED_CODE : 1013, refused ? "Forbidden" : "Try again later");
      introduced.reject(error);
    }
  }

  async function start(id: Id, payload: unknown) {
    const asked = requestIn(payload);
    if (!asked) return say("error", id, { message: "start needs a payload with a query" });
    void stop(id).catch(() => undefined);
    if (isFull(limits, running.size, underWay)) return say("error", id, { message: fullMessage(limits) });
    const operation: { events: Results | null; stopped: boolean } = { events: null, stopped: false };
    running.set(id, operation);
    underWay += 1;
    try {
      await run(id, operation, asked);
    } catch (error) {
      if (!operation.stopped) await say("error", id, executor.shown(error));
    } finally {
      underWay -= 1;
      if (running.get(id) === operation) running.delete(id);
    }
    if (!operation.stopped) await say("complete", id);
  }

  async function run(id: Id, operation: { events: Results | null; stopped: boolean }, asked: SocketRequest) {
    const token = await introduced.promise;
    if (operation.stopped) return undefined;
    const prepared = executor.prepare(asked);
    if (Array.isArray(prepared)) return say("error", id, inOne(prepared));
    const ctx = executor.context(token);
    if (!prepared.subscription) {
      const answer = await executor.execute(asked, ctx);
      return operation.stopped ? undefined : say("data", id, answer);
    }
    const begun = await executor.subscribe(prepared, asked, ctx);
    if (!isEvents(begun)) return operation.stopped ? undefined : say("error", id, inOne(begun.errors ?? []));
    operation.events = begun;
    if (operation.stopped) return begun.return?.().then(() => undefined);
    for await (const result of begun) {
      if (operation.stopped) break;
      await say("data", id, result);
    }
  }

  async function stop(id: Id) {
    const operation = running.get(id);
    if (!operation) return;
    running.delete(id);
    operation.stopped = true;
    await operation.events?.return?.();
  }

  async function take({ type, id: given, payload }: Message) {
    const id: Id = typeof given === "string" || typeof given === "number" ? String(given) : NO_ID;
    switch (type) {
      case "connection_init":
        return init(payload);
      case "start":
        return start(id, payload);
      case "stop":
        await stop(id);
        return say("complete", id);
      case "connection_terminate":
        return client.close(1000, "Terminated");
      default:
        return say("error", id, { message: "The message has no known type" });
    }
  }

  return {
    message(text) {
      if (!acknowledged) early += text.length;
      if (early > MAX_EARLY) return client.close(4429, "Too much before the introduction");
      let message: unknown;
      try {
        message = JSON.parse(text);
      } catch {
        return client.close(4400, "A message is no JSON");
      }
      if (typeof message !== "object" || message === null) return client.close(4400, "A message is no object");
      void take(message).catch(() => client.close(1011, "Internal error"));
    },
    beat() {
      if (acknowledged) void say("ka");
    },
    closed() {
      clearTimeout(timer);
      introduced.reject(new Error("closed"));
      for (const id of [...running.keys()]) void stop(id).catch(() => undefined);
    },
    count: () => underWay,
    anonymous: () => anonymous,
  };
}

const isEvents = (begun: Results | Result): begun is Results => Symbol.asyncIterator in begun;

/** Several errors as the one object that a payload is. */
const inOne = (errors: readonly GraphQLFormattedError[]) =>
  errors.length === 1 ? errors[0] : { ...errors[0], errors };

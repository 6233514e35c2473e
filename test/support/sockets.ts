import { once } from "node:events";
import { afterEach } from "vitest";
import { WebSocket } from "ws";

/** Both WebSocket sub-protocols: legacy first. */
export const protocols = ["graphql-ws", "graphql-transport-ws"] as const;
export type Protocol = (typeof protocols)[number];

/** Subscribes to the status of the Deployment `$release`. */
export const SUBSCRIBE = "subscription ($release: String) { deploymentStatus(releaseName: $release) { status } }";

// biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
type Message = any;

/** A client's socket and the messages it received. */
export interface TestSocket {
  socket: WebSocket;
  messages: Message[];
  send(message: unknown): void;
  /** The next message that `matches`, after the last one returned. Throws when the socket closes first. */
  next(matches?: (message: Message) => boolean): Promise<Message>;
  /** The code and reason it was closed with. */
  closed: Promise<{ code: number; reason: string }>;
}

/** Opens a socket at `/ws` of a test server in a sub-protocol. */
export async function openSocket(
  url: string,
  protocol: Protocol,
  options: { path?: string; origin?: string; headers?: Record<string, string> } = {},
): Promise<TestSocket> {
  const { path = "/ws", ...rest } = options;
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}${path}`, protocol, rest);
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const resume of waiting) resume();
  };
  let returned = 0;
  socket.on("message", (data) => {
    messages.push(JSON.parse(data.toString()));
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => {
      resolve({ code, reason: reason.toString() });
      wake();
    });
  });
  socket.on("error", () => undefined);
  await Promise.race([
    once(socket, "open"),
    new Promise((_, reject) => {
      socket.once("unexpected-response", (_request, response) => {
        response.destroy();
        reject(new Error(`rejected with ${response.statusCode}`));
      });
    }),
  ]);
  return {
    socket,
    messages,
    closed,
    send: (message) => socket.send(JSON.stringify(message)),
    async next(matches = () => true) {
      for (;;) {
        while (returned < messages.length) {
          const message = messages[returned];
          returned += 1;
          if (matches(message)) return message;
        }
        if (socket.readyState === WebSocket.CLOSED) throw new Error("closed");
        await new Promise<void>((resolve) => {
          const resume = () => {
            waiting.delete(resume);
            resolve();
          };
          waiting.add(resume);
        });
      }
    },
  };
}

/** Matches messages of one type, for `next`. */
export const ofType = (type: string) => (message: Message) => message.type === type;

/** Returns a function that registers a socket to be closed after the test. */
export function closingSockets() {
  const open: TestSocket[] = [];
  afterEach(() => {
    for (const { socket } of open.splice(0)) socket.terminate();
  });
  return async (socket: Promise<TestSocket>): Promise<TestSocket> => {
    open.push(await socket);
    return socket;
  };
}

/** A socket after connection_init, in either protocol. */
export async function openAs(url: string, protocol: Protocol, token?: string): Promise<TestSocket> {
  const socket = await openSocket(url, protocol);
  socket.send({ type: "connection_init", ...(token && { payload: { authorization: token } }) });
  await socket.next(ofType("connection_ack"));
  return socket;
}

/** Starts and ends operations, with the message types of the protocol. */
export function operationsOn({ socket, send }: TestSocket) {
  const [start, stop] = socket.protocol === "graphql-ws" ? ["start", "stop"] : ["subscribe", "complete"];
  return {
    start: (id: string, query: string, variables?: object) => send({ type: start, id, payload: { query, variables } }),
    stop: (id: string) => send({ type: stop, id }),
  };
}

/** A graphql-transport-ws socket after connection_init. */
export async function openTransportWs(url: string, token?: string): Promise<TestSocket> {
  return openAs(url, "graphql-transport-ws", token);
}

/** A legacy graphql-ws socket that subscribes as the command line does: without an ID, and before the acknowledgment. */
export async function subscribeLegacy(url: string, token: string, query: string, variables: object = {}) {
  const socket = await openSocket(url, "graphql-ws");
  socket.send({ type: "connection_init", payload: { authorization: token } });
  socket.send({ type: "start", payload: { query, variables } });
  return socket;
}

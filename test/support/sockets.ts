import { once } from "node:events";
import { afterEach } from "vitest";
import { WebSocket } from "ws";

/** The names of both sub-protocols. */
export const protocols = ["graphql-ws", "graphql-transport-ws"] as const;
export type Protocol = (typeof protocols)[number];

/** Follows the status of the Deployment `$release`. */
export const FOLLOW = "subscription ($release: String) { deploymentStatus(releaseName: $release) { status } }";

// biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
type Message = any;

/** A client's socket and what came over it. */
export interface TestSocket {
  socket: WebSocket;
  messages: Message[];
  send(message: unknown): void;
  /** The next message that `fits`, from the first one not yet given on; throws when the socket closes before. */
  next(fits?: (message: Message) => boolean): Promise<Message>;
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
    for (const one of waiting) one();
  };
  let given = 0;
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
        reject(new Error(`refused with ${response.statusCode}`));
      });
    }),
  ]);
  return {
    socket,
    messages,
    closed,
    send: (message) => socket.send(JSON.stringify(message)),
    async next(fits = () => true) {
      for (;;) {
        while (given < messages.length) {
          const message = messages[given];
          given += 1;
          if (fits(message)) return message;
        }
        if (socket.readyState === WebSocket.CLOSED) throw new Error("closed");
        await new Promise<void>((resolve) => {
          const one = () => {
            waiting.delete(one);
            resolve();
          };
          waiting.add(one);
        });
      }
    },
  };
}

/** Fits messages of one type, for `next`. */
export const ofType = (type: string) => (message: Message) => message.type === type;

/** Closes, after each test of the file, the sockets passed to it. */
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

/** A socket of either protocol that has introduced itself. */
export async function openAs(url: string, protocol: Protocol, token?: string): Promise<TestSocket> {
  const socket = await openSocket(url, protocol);
  socket.send({ type: "connection_init", ...(token && { payload: { authorization: token } }) });
  await socket.next(ofType("connection_ack"));
  return socket;
}

/** Begins and ends an operation, as either protocol calls it. */
export function speaking({ socket, send }: TestSocket) {
  const [begin, end] = socket.protocol === "graphql-ws" ? ["start", "stop"] : ["subscribe", "complete"];
  return {
    begin: (id: string, query: string, variables?: object) => send({ type: begin, id, payload: { query, variables } }),
    end: (id: string) => send({ type: end, id }),
  };
}

/** A socket that has introduced itself in the new protocol. */
export async function openNew(url: string, token?: string): Promise<TestSocket> {
  return openAs(url, "graphql-transport-ws", token);
}

/** A socket that follows in the old protocol, as the command line does: at once, and without an id. */
export async function followOld(url: string, token: string, query: string, variables: object = {}) {
  const socket = await openSocket(url, "graphql-ws");
  socket.send({ type: "connection_init", payload: { authorization: token } });
  socket.send({ type: "start", payload: { query, variables } });
  return socket;
}

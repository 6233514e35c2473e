import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { GraphQLSchema } from "graphql";
import { WebSocket, WebSocketServer } from "ws";
import type { Config } from "../../platform/config/config.ts";
import { originsOf } from "../http/addCors.ts";
import type { Server } from "../http/createServer.ts";
import type { Operations } from "./executor.ts";
import { OLD_PROTOCOL, speakOldProtocol } from "./legacyGraphqlWs.ts";
import type { Talk } from "./session.ts";
import { isBehind, lineOf } from "./socket.ts";
import { createNewProtocol, NEW_PROTOCOL } from "./transportWs.ts";

/** Open sockets and what runs on them. */
export interface SocketCounts {
  sockets: number;
  operations: number;
}

interface Parts {
  schema: GraphQLSchema;
  config: Config;
  operations: Operations;
  /** Whether the server is about to stop. */
  draining(): boolean;
}

/** Bytes of one message. */
const MOST_BYTES = 262_144;

/** Milliseconds for the farewell of a client when the server stops. */
const FAREWELL = 2_000;

/**
 * Serves WebSockets at `webserver.subscriptions`, with and without a trailing slash, in both sub-protocols. Any other upgrade
 * stays an ordinary request. Browsers are let in from origins that may call the API. When the server closes, clients are told to
 * go elsewhere (1001). Gives the counts of what is open.
 */
export function addSubscriptions(server: Server, { schema, config, operations, draining }: Parts): () => SocketCounts {
  const { subscriptions: settings, webserver } = config;
  const path = webserver.subscriptions.replace(/\/+$/, "");
  const origins = new Set(originsOf(config));
  const speakNewProtocol = createNewProtocol(schema, operations, settings);
  const talks = new Map<WebSocket, Talk & { alive: boolean }>();
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MOST_BYTES,
    perMessageDeflate: false,
    handleProtocols: protocolOf,
  });

  const open = (socket: WebSocket, request: IncomingMessage) => {
    const line = lineOf(socket, request.headers.authorization);
    const talk =
      socket.protocol === NEW_PROTOCOL ? speakNewProtocol(line) : speakOldProtocol(line, operations, settings);
    const entry = { ...talk, alive: true };
    talks.set(socket, entry);
    // Whoever is nobody and asks nothing makes room for others.
    const room = setInterval(() => {
      if (!talk.anonymous()) return clearInterval(room);
      if (talk.count() === 0) socket.close(4408, "Nothing is asked, and no token given");
    }, settings.initTimeout);
    room.unref();
    socket.on("message", (data, isBinary) => {
      // It may go on talking for a while after it was told to go.
      if (socket.readyState !== WebSocket.OPEN) return;
      if (isBinary) return socket.close(1003, "Text only");
      talk.message(data.toString());
    });
    socket.on("pong", () => {
      entry.alive = true;
    });
    // What is wrong with a socket closes it.
    socket.on("error", () => undefined);
    socket.on("close", (code, reason) => {
      talks.delete(socket);
      clearInterval(room);
      talk.closed(code, reason.toString());
    });
  };

  const isOurs = (request: IncomingMessage) => {
    const [asked = ""] = (request.url ?? "").split("?", 1);
    return asked.replace(/\/+$/, "") === path && request.headers.upgrade?.toLowerCase() === "websocket";
  };
  const refusalOf = (request: IncomingMessage) => {
    if (!isOurs(request)) return "404 Not Found";
    if (draining()) return "503 Service Unavailable";
    if (talks.size >= settings.maxSockets) return "503 Service Unavailable";
    const { origin, host } = request.headers;
    if (origin !== undefined && !origins.has(origin) && hostOf(origin) !== host) return "403 Forbidden";
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
    return protocolOf(new Set(offered)) ? undefined : "400 Bad Request";
  };
  // Node asks before it takes a request for an upgrade; clients offer HTTP/2 by one, and want an answer all the same.
  Object.assign(server.server, { shouldUpgradeCallback: isOurs });
  server.server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on("error", () => stream.destroy());
    const refusal = refusalOf(request);
    if (refusal) return stream.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    sockets.handleUpgrade(request, stream, head, open);
  });

  const beats = setInterval(() => {
    for (const [socket, entry] of talks) {
      if (!entry.alive || isBehind(socket)) {
        socket.terminate();
        continue;
      }
      entry.alive = false;
      socket.ping();
      entry.beat();
    }
  }, settings.pingInterval);
  beats.unref();
  server.addHook("preClose", async () => {
    clearInterval(beats);
    const gone = [...talks.keys()].map(farewell);
    await Promise.all(gone);
  });
  return () => ({
    sockets: talks.size,
    operations: [...talks.values()].reduce((sum, talk) => sum + talk.count(), 0),
  });
}

/** The newer of the protocols that a client offers. */
const protocolOf = (offered: Set<string>) =>
  offered.has(NEW_PROTOCOL) ? NEW_PROTOCOL : offered.has(OLD_PROTOCOL) ? OLD_PROTOCOL : false;

const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : undefined);

function farewell(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.terminate(), FAREWELL);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    if (socket.readyState === WebSocket.OPEN) socket.close(1001, "The server is stopping");
  });
}

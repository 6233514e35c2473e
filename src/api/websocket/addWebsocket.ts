import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { GraphQLSchema } from "graphql";
import { WebSocket, WebSocketServer } from "ws";
import type { Config } from "../../platform/config/config.ts";
import { originsOf } from "../http/addCors.ts";
import type { Server } from "../http/createServer.ts";
import type { Executor } from "./executor.ts";
import { LEGACY_GRAPHQL_WS, speakLegacyGraphqlWs } from "./legacyGraphqlWs.ts";
import type { Session } from "./session.ts";
import { clientSocket, isBehind } from "./socket.ts";
import { createTransportWs, TRANSPORT_WS } from "./transportWs.ts";

/** Open sockets and what runs on them. */
export interface SocketCounts {
  sockets: number;
  operations: number;
}

interface Parts {
  schema: GraphQLSchema;
  config: Config;
  executor: Executor;
  /** Whether the server is about to stop. */
  draining(): boolean;
}

/** Bytes of one message. */
const MAX_BYTES = 262_144;

/** Milliseconds for the farewell of a client when the server stops. */
const FAREWELL = 2_000;

/**
 * Serves WebSockets at `webserver.subscriptions`, with and without a trailing slash, in both sub-protocols. Any other upgrade
 * stays an ordinary request. Browsers are let in from origins that may call the API. When the server closes, clients are told to
 * go elsewhere (1001). Gives the counts of what is open.
 */
export function addWebsocket(server: Server, { schema, config, executor, draining }: Parts): () => SocketCounts {
  const { subscriptions: settings, webserver } = config;
  const path = webserver.subscriptions.replace(/\/+$/, "");
  const origins = new Set(originsOf(config));
  const speakTransportWs = createTransportWs(schema, executor, settings);
  const sessions = new Map<WebSocket, Session & { alive: boolean }>();
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_BYTES,
    perMessageDeflate: false,
    handleProtocols: protocolOf,
  });

  const open = (socket: WebSocket, request: IncomingMessage) => {
    const client = clientSocket(socket, request.headers.authorization);
    const session =
      socket.protocol === TRANSPORT_WS ? speakTransportWs(client) : speakLegacyGraphqlWs(client, executor, settings);
    const entry = { ...session, alive: true };
    sessions.set(socket, entry);
    // Whoever is nobody and asks nothing makes room for others.
    const room = setInterval(() => {
      if (!session.anonymous()) return clearInterval(room);
      if (session.count() === 0) socket.close(4408, "Nothing is asked, and no token given");
    }, settings.initTimeout);
    room.unref();
    socket.on("message", (data, isBinary) => {
      // It may go on talking for a while after it was told to go.
      if (socket.readyState !== WebSocket.OPEN) return;
      if (isBinary) return socket.close(1003, "Text only");
      session.message(data.toString());
    });
    socket.on("pong", () => {
      entry.alive = true;
    });
    // What is wrong with a socket closes it.
    socket.on("error", () => undefined);
    socket.on("close", (code, reason) => {
      sessions.delete(socket);
      clearInterval(room);
      session.closed(code, reason.toString());
    });
  };

  const isOurs = (request: IncomingMessage) => {
    const [asked = ""] = (request.url ?? "").split("?", 1);
    return asked.replace(/\/+$/, "") === path && request.headers.upgrade?.toLowerCase() === "websocket";
  };
  const refusalOf = (request: IncomingMessage) => {
    if (!isOurs(request)) return "404 Not Found";
    if (draining()) return "503 Service Unavailable";
    if (sessions.size >= settings.maxSockets) return "503 Service Unavailable";
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
    for (const [socket, entry] of sessions) {
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
    const gone = [...sessions.keys()].map(farewell);
    await Promise.all(gone);
  });
  return () => ({
    sockets: sessions.size,
    operations: [...sessions.values()].reduce((sum, session) => sum + session.count(), 0),
  });
}

/** The newer of the protocols that a client offers. */
const protocolOf = (offered: Set<string>) =>
  offered.has(TRANSPORT_WS) ? TRANSPORT_WS : offered.has(LEGACY_GRAPHQL_WS) ? LEGACY_GRAPHQL_WS : false;

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

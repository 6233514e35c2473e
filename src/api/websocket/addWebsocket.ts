import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { GraphQLSchema } from "graphql";
import { WebSocket, WebSocketServer } from "ws";
import type { Config } from "../../platform/config/config.ts";
import { jsonSizeError } from "../../platform/input/jsonSize.ts";
import { originsOf } from "../http/addCors.ts";
import { RETRY_AFTER } from "../http/askToRetry.ts";
import { createClientAddress } from "../http/clientAddress.ts";
import { clientOf } from "../http/clientOf.ts";
import type { Server } from "../http/createServer.ts";
import { areHeadersTooLarge } from "../http/headerLimits.ts";
import type { Overload } from "../http/overload.ts";
import type { Executor } from "./executor.ts";
import { LEGACY_GRAPHQL_WS, speakLegacyGraphqlWs } from "./legacyGraphqlWs.ts";
import type { Session } from "./session.ts";
import { clientSocket, isBehind } from "./socket.ts";
import { createTransportWs, TRANSPORT_WS } from "./transportWs.ts";

/** Number of open WebSockets, and of operations running on them. */
export interface SocketCounts {
  sockets: number;
  operations: number;
}

interface Parts {
  schema: GraphQLSchema;
  config: Config;
  overload: Overload;
  executor: Executor;
}

/** The status and the header of a rejection that is temporary. */
const UNAVAILABLE = `503 Service Unavailable\r\nretry-after: ${RETRY_AFTER}`;

/** Maximum size of a message, in bytes. */
const MAX_BYTES = 262_144;

/** Time a client has to complete the closing handshake when the server stops, in milliseconds. */
const CLOSE_TIMEOUT = 2_000;

/**
 * Serves WebSockets at `webserver.subscriptions`, with and without a trailing slash, with both sub-protocols. Any other
 * upgrade is handled as an ordinary request. Browsers may connect from origins that may call the API. When the server
 * stops, sockets are closed with code 1001. Returns a function that counts sockets and operations.
 */
export function addWebsocket(server: Server, { schema, config, overload, executor }: Parts): () => SocketCounts {
  const { subscriptions: settings, webserver } = config;
  const path = webserver.subscriptions.replace(/\/+$/, "");
  const origins = new Set(originsOf(config));
  const addressOf = createClientAddress(webserver.trustedProxies);
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
    const client = clientSocket(socket, request.headers.authorization, clientOf(request, addressOf(request)));
    const session =
      socket.protocol === TRANSPORT_WS ? speakTransportWs(client) : speakLegacyGraphqlWs(client, executor, settings);
    const entry = { ...session, alive: true };
    sessions.set(socket, entry);
    // Closes anonymous sockets that run no operation.
    const idleCheck = setInterval(() => {
      if (!session.anonymous()) return clearInterval(idleCheck);
      if (session.count() === 0) socket.close(4408, "Anonymous and idle");
    }, settings.initTimeout);
    idleCheck.unref();
    socket.on("message", (data, isBinary) => {
      // The client may send more messages before it handles the close.
      if (socket.readyState !== WebSocket.OPEN) return;
      if (isBinary) return socket.close(1003, "Messages must be text");
      const text = data.toString();
      const tooLarge = jsonSizeError(text);
      if (tooLarge) return socket.close(4400, `Messages ${tooLarge}`);
      session.message(text);
    });
    socket.on("pong", () => {
      entry.alive = true;
    });
    // An error closes the socket, and "close" is handled below.
    socket.on("error", () => undefined);
    socket.on("close", (code, reason) => {
      sessions.delete(socket);
      clearInterval(idleCheck);
      session.closed(code, reason.toString());
    });
  };

  /** Until the server closes, sockets are accepted as requests are. */
  let closing = false;
  const isSubscriptionUpgrade = (request: IncomingMessage) => {
    const [requestPath = ""] = (request.url ?? "").split("?", 1);
    return requestPath.replace(/\/+$/, "") === path && request.headers.upgrade?.toLowerCase() === "websocket";
  };
  const rejectionOf = (request: IncomingMessage) => {
    if (!isSubscriptionUpgrade(request)) return "404 Not Found";
    if (areHeadersTooLarge(request)) return "431 Request Header Fields Too Large";
    if (closing || sessions.size >= settings.maxSockets || overload.isOverloaded()) return UNAVAILABLE;
    const { origin, host } = request.headers;
    if (origin !== undefined && !origins.has(origin) && hostOf(origin) !== host) return "403 Forbidden";
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
    return protocolOf(new Set(offered)) ? undefined : "400 Bad Request";
  };
  // Other upgrades (clients offer HTTP/2 this way) are handled as ordinary requests.
  Object.assign(server.server, { shouldUpgradeCallback: isSubscriptionUpgrade });
  server.server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on("error", () => stream.destroy());
    const rejection = rejectionOf(request);
    if (rejection) return stream.end(`HTTP/1.1 ${rejection}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    sockets.handleUpgrade(request, stream, head, open);
  });

  const heartbeat = setInterval(() => {
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
  heartbeat.unref();
  server.addHook("preClose", async () => {
    closing = true;
    clearInterval(heartbeat);
    await Promise.all([...sessions.keys()].map(closeForShutdown));
  });
  return () => ({
    sockets: sessions.size,
    operations: [...sessions.values()].reduce((sum, session) => sum + session.count(), 0),
  });
}

/** The newest sub-protocol that a client offers. */
const protocolOf = (offered: Set<string>) =>
  offered.has(TRANSPORT_WS) ? TRANSPORT_WS : offered.has(LEGACY_GRAPHQL_WS) ? LEGACY_GRAPHQL_WS : false;

const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : undefined);

function closeForShutdown(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    if (socket.readyState === WebSocket.OPEN) socket.close(1001, "The server is stopping");
  });
}

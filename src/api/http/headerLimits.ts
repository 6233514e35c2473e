import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Server } from "./createServer.ts";

/** Largest size of the URL and headers of a request, in bytes. */
export const MAX_HEADER_SIZE = 16 * 1024;

/**
 * Largest size where an ingress passes on what others sent, in bytes: by default, nginx takes 32 KiB and Envoy 60 KiB, and each
 * adds some headers of its own. Traefik takes 1 MiB, but passes the 431 for more than this on. It is buffered for each
 * connection, so a thousand slow clients may cost 128 MiB.
 */
export const MAX_FORWARDED_SIZE = 128 * 1024;

/** Whether a request has more headers than are taken of anybody. */
export function areHeadersTooLarge({ url = "", rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.reduce((sum, text) => sum + text.length, url.length) > MAX_HEADER_SIZE;
}

/**
 * Answers requests with too large headers with 431. Node would do so before a route is known, but an ingress must get another
 * answer: routes with `forwarded` take more.
 */
export function limitHeaders(server: Server): void {
  server.addHook("onRequest", (request, reply, done) => {
    if (request.routeOptions.config.forwarded || !areHeadersTooLarge(request.raw)) return done();
    reply.code(431).headers({ connection: "close", "cache-control": "no-store" }).send(bodyOf(431));
  });
}

type ClientError = Error & { code?: string | undefined; rawPacket?: unknown };

/** Answers what is not HTTP, before a route is known; `deniedPath` with 403. For Node's event `clientError`. */
export function answerClientError(error: ClientError, socket: Socket, deniedPath: string): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const status = isFor(deniedPath, error.rawPacket) ? 403 : (statuses[error.code ?? ""] ?? 400);
  const body = status === 403 ? "" : JSON.stringify(bodyOf(status));
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  }
  socket.destroy(error);
}

const statuses: Record<string, number> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };

const messages: Record<number, [code: string, message: string]> = {
  400: ["BAD_REQUEST", "The request is not valid HTTP"],
  408: ["REQUEST_TIMEOUT", "The request did not arrive in time"],
  431: ["HEADERS_TOO_LARGE", `The URL and the headers exceed the limit of ${MAX_HEADER_SIZE} bytes`],
};

function bodyOf(status: number) {
  const [code, message] = messages[status] ?? [];
  return { code, message };
}

/** Whether a packet begins with a request for a path. An ingress sends one request after the other. */
function isFor(path: string, packet: unknown): boolean {
  const start = Buffer.isBuffer(packet) ? packet.toString("latin1", 0, path.length + 20) : "";
  const [, url] = /^[A-Z]+ ([^ ]*)/.exec(start) ?? [];
  return url !== undefined && isBelow(path, url);
}

/** Whether a URL has a path, or one below it. */
export const isBelow = (path: string, url: string): boolean =>
  url.startsWith(path) && /^(?:$|[/?])/.test(url.slice(path.length));

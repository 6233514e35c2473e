import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { RETRY_AFTER } from "./askToRetry.ts";
import type { Server } from "./createServer.ts";
import { OVERLOADED, type Overload } from "./overload.ts";
import { requestIdOf } from "./requestId.ts";
import { REST_PREFIX } from "./restPrefix.ts";

/** Milliseconds between two lines of the log about refused calls. */
const LOG_INTERVAL = 1_000;

/** Dependencies of `refuseEarly`. */
export interface EarlyRefusals {
  overload: Overload;
  /** The paths that accept GraphQL requests. */
  graphqlPaths: readonly string[];
  /** Counts a refused call in the metrics. */
  count(method: string, route: string): void;
}

/**
 * Refuses calls of the APIs as `refuseExcess` does, but before Fastify has a request for them, which takes several times as
 * long: of five times what Houston can bear, refusals would be most of its work. Calls of pages (with `origin`), whose
 * answers need more headers, and all other requests are left to `refuseExcess`. One line per second is logged, not one per
 * call. Must be called before the server listens.
 */
export function refuseEarly(server: Server, { overload, graphqlPaths, count }: EarlyRefusals): void {
  const { message, code } = OVERLOADED;
  const graphqlBody = JSON.stringify({ errors: [{ message, extensions: { code } }] });
  let refused = 0;

  function refuse(request: IncomingMessage, response: ServerResponse, route: string) {
    const requestId = requestIdOf(request);
    const body = route === REST_PREFIX ? JSON.stringify({ message, requestId, statusCode: 503 }) : graphqlBody;
    response.writeHead(503, {
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
      "retry-after": String(RETRY_AFTER),
      "x-request-id": requestId,
    });
    response.end(body);
    count(request.method ?? "", route);
    if (refused === 0) setTimeout(logRefused, LOG_INTERVAL).unref();
    refused += 1;
  }

  function logRefused() {
    server.log.warn({ refused }, "Refused more requests than can be answered in time");
    refused = 0;
  }

  /** The route for the metrics; undefined leaves the request to Fastify. */
  function routeOf({ method, url = "", headers }: IncomingMessage): string | undefined {
    if (headers.origin !== undefined) return undefined;
    if (url.startsWith(`${REST_PREFIX}/`)) return REST_PREFIX;
    const path = url.split("?", 1)[0] ?? "";
    return method === "POST" && graphqlPaths.includes(path) ? path : undefined;
  }

  const listeners = server.server.listeners("request") as RequestListener[];
  server.server.removeAllListeners("request");
  server.server.on("request", (request, response) => {
    const route = overload.isOverloaded() ? routeOf(request) : undefined;
    if (route !== undefined) return refuse(request, response, route);
    for (const listener of listeners) listener(request, response);
  });
}

import type { Logger } from "pino";
import type { Origin } from "../../platform/audit/origin.ts";
import { withoutRedaction } from "../../platform/log/log.ts";
import type { Server } from "./createServer.ts";
import type { RequestRecord } from "./requestRecord.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The operation of a GraphQL request; null on other routes. */
    operation: RequestRecord | null;
    /** Where it comes from. Of requests that reach a route or the 404. */
    origin: Origin;
  }
}

/**
 * Writes one log line per request. It names the client's address, the caller and the operation, but never variables, headers
 * or the query string.
 */
export function addAccessLog(server: Server): void {
  server.decorateRequest("operation", null);
  const log = withoutRedaction(server.log as Logger);
  server.addHook("onResponse", (request, reply, done) => {
    const { via, name, fields, codes } = request.operation ?? {};
    const { address, caller } = request.origin;
    const level = request.routeOptions.config.quiet ? "debug" : "info";
    log[level](
      {
        requestId: request.id,
        method: request.method,
        path: request.url.split("?", 1)[0],
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        address,
        ...(caller && { caller }),
        ...(via && { via }),
        ...(name && { operation: name }),
        ...(fields?.length && { fields }),
        ...(codes?.length && { errors: codes }),
      },
      "request",
    );
    done();
  });
  server.addHook("onRequestAbort", async (request) => {
    request.log.info({ method: request.method, path: request.url.split("?", 1)[0] }, "request aborted by the client");
  });
}

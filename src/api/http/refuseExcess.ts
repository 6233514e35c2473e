import type { Server } from "./createServer.ts";
import { OVERLOADED, type Overload } from "./overload.ts";

/**
 * Answers requests with 503 and `retry-after` while the process is overloaded, before their body is read, so that a refusal
 * costs little and the requests that are accepted are answered in time. Probes are always answered. Must come before
 * everything that answers requests, and after the headers for browsers.
 */
export function refuseExcess(server: Server, overload: Overload): void {
  server.decorateReply("endOfWork", undefined);
  server.addHook("onRequest", (request, _reply, done) => {
    done(overload.isOverloaded() && !request.routeOptions.config.quiet ? OVERLOADED : undefined);
  });
  // Slow clients cost nothing: a request counts from when its body has been read until its response begins.
  server.addHook("preHandler", (_request, reply, done) => {
    const end = overload.begin();
    reply.endOfWork = end;
    reply.raw.once("close", end);
    done();
  });
  server.addHook("onSend", (_request, reply, _payload, done) => {
    reply.endOfWork?.();
    done();
  });
  server.addHook("onListen", (done) => {
    overload.watch();
    done();
  });
}

declare module "fastify" {
  interface FastifyReply {
    /** Stops counting the request as one in progress. */
    endOfWork: (() => void) | undefined;
  }
}

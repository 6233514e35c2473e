import { AppError } from "../../platform/errors/appError.ts";
import type { Server } from "./createServer.ts";

/**
 * Responds with 503 if a handler has not started to respond `limit` milliseconds after the body was read. The handler
 * continues, but its response is dropped.
 *
 * Fastify's own option stops its timer when the body has been read, so it never fires for a POST.
 */
export function addHandlerTimeout(server: Server, limit: number): void {
  server.addHook("preHandler", (_request, reply, done) => {
    const timer = setTimeout(() => {
      if (reply.sent || reply.raw.headersSent) return;
      reply.send(new AppError("SERVICE_UNAVAILABLE", `No response within ${limit} ms; the operation may still finish`));
    }, limit);
    reply.raw.once("close", () => clearTimeout(timer));
    done();
  });
}

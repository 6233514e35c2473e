import { AppError } from "../../platform/errors/appError.ts";
import type { Server } from "./createServer.ts";

/**
 * Answers 503 when a handler has not begun to answer `limit` milliseconds after the body was read. What the handler
 * does goes on; its answer is dropped.
 *
 * Fastify has an option for this, but its timer stops when the body has been read, so it never fires for a POST.
 */
export function addHandlerTimeout(server: Server, limit: number): void {
  server.addHook("preHandler", (_request, reply, done) => {
    const timer = setTimeout(() => {
      if (reply.sent || reply.raw.headersSent) return;
      reply.send(new AppError("SERVICE_UNAVAILABLE", `No answer within ${limit} ms; what was begun may still finish`));
    }, limit);
    reply.raw.once("close", () => clearTimeout(timer));
    done();
  });
}

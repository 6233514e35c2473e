import type { FastifyRequest } from "fastify";
import { type Context, createContext, type Services } from "../../access/context.ts";

/** The context of an HTTP request: its credential, its ID, and a log that adds the ID to every line. */
export function contextOf(services: Services, request: FastifyRequest): Context {
  return createContext(services, {
    authorization: request.headers.authorization,
    requestId: request.id,
    log: services.log.child({ requestId: request.id }),
  });
}

import type { FastifyRequest } from "fastify";
import { type Context, createContext, type Services } from "../../access/context.ts";
import type { Origin } from "../../platform/audit/origin.ts";
import { clientOf } from "./clientOf.ts";

/**
 * The context of an HTTP request to the API `via`: its client, its credential, its ID, where it comes from, and a log that
 * adds the ID to every line.
 */
export function contextOf(services: Services, request: FastifyRequest, via: Origin["via"]): Context {
  warnOnce(services, request);
  request.origin.via = via;
  return createContext(services, {
    authorization: request.headers.authorization,
    requestId: request.id,
    origin: request.origin,
    log: services.log.child({ requestId: request.id }),
    client: clientOf(request.raw, request.origin.address ?? ""),
  });
}

const warned = new WeakSet<Services>();

/** Without the setting, everyone behind a proxy shares the limits of one client address. */
function warnOnce(services: Services, { headers, socket }: FastifyRequest): void {
  if (headers["x-forwarded-for"] === undefined || services.config.webserver.trustedProxies.length > 0) return;
  if (warned.has(services)) return;
  warned.add(services);
  const hint = "Requests come through a proxy that webserver.trustedProxies does not name: its clients count as one";
  services.log.warn({ proxy: socket.remoteAddress }, hint);
}

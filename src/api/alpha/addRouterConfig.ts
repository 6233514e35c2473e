import type { Services } from "../../access/context.ts";
import { createFindRouterConfig } from "../../services/clickstream/routerConfig.ts";
import { hasCurrent, varyBy } from "../http/caching.ts";
import { contextOf } from "../http/contextOf.ts";
import type { Server } from "../http/createServer.ts";
import { joinPath } from "../http/joinPath.ts";

/**
 * `GET <alphaEndpoint>/applications/<id>/config` returns what an event router needs, to the API keys that may read it.
 * To everyone else the path does not exist. A client that sends the entity tag it has gets 304 until something changes.
 */
export function addRouterConfig(server: Server, services: Services): void {
  const find = createFindRouterConfig(services);
  server.route<{ Params: { applicationId: string } }>({
    method: "GET",
    url: joinPath(services.config.webserver.alphaEndpoint, "applications/:applicationId/config"),
    // Compressed, the response could not have a strong entity tag, and its size would depend on secrets.
    compress: false,
    async handler(request, reply) {
      const found = await find(contextOf(services, request, "alpha").credential, request.params.applicationId);
      if (!found) return reply.callNotFound();
      const etag = `"${found.version}"`;
      const body = hasCurrent(request, etag) ? undefined : JSON.stringify(found.open());
      varyBy(reply, "authorization");
      reply.headers({ etag, "cache-control": "private, no-cache" });
      if (body === undefined) return reply.code(304).send();
      return reply.type("application/json; charset=utf-8").send(body);
    },
  });
}

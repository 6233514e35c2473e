import type { ApolloServer } from "@apollo/server";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Services } from "../../access/context.ts";
import { contextOf } from "../http/contextOf.ts";
import type { Server } from "../http/createServer.ts";
import { joinPath } from "../http/joinPath.ts";
import { wantsPage } from "../http/sendPage.ts";
import { type ObservedContext, observed } from "./observe.ts";

/** Handles a browser's GET. */
export type Page = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/**
 * Serves GraphQL at the endpoint, with and without a trailing slash: clients use both, and a redirected POST would lose
 * its body. A GET that accepts `text/html` gets `page`, or 404 without one.
 */
export function addGraphqlRoutes(
  server: Server,
  services: Services,
  apollo: ApolloServer<ObservedContext>,
  page: Page | undefined,
): void {
  const handle = fastifyApolloHandler(apollo, {
    context: async (request) => {
      request.operation = { via: "apollo", fields: [], codes: [] };
      return { ...contextOf(services, request), [observed]: request.operation };
    },
  });
  const withSlash = joinPath(services.config.webserver.endpoint, "");
  for (const url of new Set([withSlash, withSlash.slice(0, -1) || "/"])) {
    server.route({
      method: ["GET", "POST"],
      url,
      config: { graphql: true },
      handler: async function (request, reply) {
        if (wantsPage(request)) return page ? page(request, reply) : reply.callNotFound();
        reply.header("cache-control", "no-store");
        return handle.call(this, request, reply);
      },
    });
  }
}

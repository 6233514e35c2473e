import type { ApolloServer } from "@apollo/server";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Services } from "../../access/context.ts";
import { contextOf } from "../http/contextOf.ts";
import type { Server } from "../http/createServer.ts";
import { joinPath } from "../http/joinPath.ts";
import { wantsPage } from "../http/sendPage.ts";
import { documentSizeError } from "./documentSize.ts";
import { type ObservedContext, observed } from "./observe.ts";
import { omitEmpty } from "./omitEmpty.ts";

/** Handles a browser's GET. */
export type PageHandler = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/**
 * Serves GraphQL at the endpoint, with and without a trailing slash: clients use both, and a redirected POST would lose
 * its body. A GET that accepts `text/html` gets `page`, or 404 without one.
 */
export function addGraphqlRoutes(
  server: Server,
  services: Services,
  apollo: ApolloServer<ObservedContext>,
  page: PageHandler | undefined,
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
      preValidation: (request, _reply, done) => {
        omitEmpty(request);
        done();
      },
      handler: async function (request, reply) {
        if (wantsPage(request)) return page ? page(request, reply) : reply.callNotFound();
        reply.header("cache-control", "no-store");
        const tooLarge = documentSizeError(documentIn(request), services.config.limits);
        if (tooLarge) return reply.code(400).send({ errors: [tooLarge] });
        return handle.call(this, request, reply);
      },
    });
  }
}

/** The document of a request; "" if it has none, which Apollo rejects. */
function documentIn({ method, body, query }: FastifyRequest): string {
  const members = (method === "GET" ? query : body) as { query?: unknown } | null | undefined;
  return typeof members?.query === "string" ? members.query : "";
}

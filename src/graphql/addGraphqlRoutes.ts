import type { ApolloServer } from "@apollo/server";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Context, createContext, type Services } from "../context.ts";
import type { Server } from "../http/createServer.ts";
import { under } from "../http/under.ts";
import { type ObservedContext, observed } from "./observe.ts";

/** The context of an HTTP request: its credential, its id, and a log that names the id in every line. */
export function contextOf(services: Services, request: FastifyRequest): Context {
  return createContext(services, {
    authorization: request.headers.authorization,
    requestId: request.id,
    log: services.log.child({ requestId: request.id }),
  });
}

/** What answers a GET by a browser; undefined leaves every GET to Apollo. */
export type Page = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

const wantsPage = ({ headers }: FastifyRequest) => headers.accept?.includes("text/html") === true;

/**
 * Serves GraphQL at the endpoint, with and without a trailing slash: clients send both, and a redirected POST would
 * arrive without its body. A GET that accepts `text/html` gets `page`.
 */
export function addGraphqlRoutes(
  server: Server,
  services: Services,
  apollo: ApolloServer<ObservedContext>,
  page: Page | undefined,
): void {
  const answer = fastifyApolloHandler(apollo, {
    context: async (request) => {
      request.operation = { fields: [], codes: [] };
      return { ...contextOf(services, request), [observed]: request.operation };
    },
  });
  const withSlash = under(services.config.webserver.endpoint, "");
  for (const url of new Set([withSlash, withSlash.slice(0, -1) || "/"])) {
    server.route({
      method: ["GET", "POST"],
      url,
      config: { graphql: true },
      handler: async function (request, reply) {
        if (request.method !== "POST" && wantsPage(request)) return page ? page(request, reply) : reply.callNotFound();
        reply.header("cache-control", "no-store");
        return answer.call(this, request, reply);
      },
    });
  }
}

import type { ApolloServer } from "@apollo/server";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { GraphQLSchema } from "graphql";
import type { Context, Services } from "../../access/context.ts";
import { contextOf } from "../http/contextOf.ts";
import type { Server } from "../http/createServer.ts";
import { joinPath } from "../http/joinPath.ts";
import { wantsPage } from "../http/sendPage.ts";
import { createDocumentCheck, type DocumentCheck } from "./documentLimits.ts";
import { type ObservedContext, observed, reported } from "./observe.ts";
import { omitEmpty } from "./omitEmpty.ts";

/** Handles a browser's GET. */
export type PageHandler = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** A path at which GraphQL is served, and by what. */
export interface GraphqlEndpoint {
  path: string;
  via: "graphql" | "alpha";
  /** Started, with the schema. */
  apollo: ApolloServer<ObservedContext>;
  schema: GraphQLSchema;
  /** Returned to browsers; without it they get 404. */
  page: PageHandler | undefined;
  /** Whether the fast path may answer: only for the schema that it was made for. */
  fastPath?: boolean;
  /** What the context of a request has in addition. */
  contextFrom?(request: FastifyRequest): Partial<Context>;
  /** The document to run instead of the one that was sent by POST and that is within the limits. */
  repair?(document: string): string;
}

/**
 * Serves GraphQL at an endpoint, with and without a trailing slash: clients use both, and a redirected POST would lose
 * its body. A GET that accepts `text/html` gets the page.
 */
export function addGraphqlRoutes(server: Server, services: Services, endpoint: GraphqlEndpoint): void {
  const { path, via, apollo, schema, page, fastPath = false, contextFrom, repair } = endpoint;
  const handle = fastifyApolloHandler(apollo, {
    context: async (request) => {
      request.operation = { via: "apollo", fields: [], codes: [] };
      const context = { ...contextOf(services, request, via), ...contextFrom?.(request) };
      return { ...context, [observed]: request.operation, [reported]: new Map() };
    },
  });
  const check = createDocumentCheck(schema, services.config.limits);
  const withSlash = joinPath(path, "");
  for (const url of new Set([withSlash, withSlash.slice(0, -1) || "/"])) {
    server.route({
      method: ["GET", "POST"],
      url,
      config: { graphql: true, fastPath },
      preValidation: (request, _reply, done) => {
        omitEmpty(request);
        done();
      },
      handler: async function (request, reply) {
        if (wantsPage(request)) return page ? page(request, reply) : reply.callNotFound();
        reply.header("cache-control", "no-store");
        const error = documentError(request, check, repair);
        if (error) {
          request.operation = { via: "apollo", fields: [], codes: [String(error.extensions.code)] };
          return reply.code(400).send({ errors: [error] });
        }
        return handle.call(this, request, reply);
      },
    });
  }
}

/** The error for a document over a limit, before and after it was repaired in the request. */
function documentError(request: FastifyRequest, check: DocumentCheck, repair: GraphqlEndpoint["repair"]) {
  const sent = documentIn(request);
  const error = check(sent);
  if (error || !repair || request.method !== "POST" || sent === "") return error;
  const repaired = repair(sent);
  if (repaired === sent) return undefined;
  (request.body as { query: string }).query = repaired;
  return check(repaired);
}

/** The document of a request; "" if it has none, which Apollo rejects. */
function documentIn({ method, body, query }: FastifyRequest): string {
  const members = (method === "GET" ? query : body) as { query?: unknown } | null | undefined;
  return typeof members?.query === "string" ? members.query : "";
}

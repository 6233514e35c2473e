import type { ApolloServer, ApolloServerPlugin } from "@apollo/server";
import type { FastifyRequest } from "fastify";
import type { GraphQLSchema } from "graphql";
import { credentialOf } from "../access/authenticate.ts";
import type { Services } from "../access/context.ts";
import type { CountField, ObservedContext } from "../api/graphql/observe.ts";
import type { Server } from "../api/http/createServer.ts";
import type { PoolSettings } from "../platform/database/connect.ts";
import { asAppError } from "../platform/errors/asAppError.ts";
import { toGraphQLError } from "../platform/errors/toGraphQLError.ts";
import { batchConnections, createBatchRunners, type Runners } from "./batching/batchRunners.ts";
import { mediaTypeFor } from "./mediaType.ts";
import {
  createOperationCache,
  type GraphqlRequest,
  type OperationCache,
  UnknownWriteOutcome,
} from "./operationCache.ts";

/** Dependencies of the fast path. */
export interface FastPathDependencies {
  fastify: Server;
  /** Not started yet. */
  apollo: ApolloServer<ObservedContext>;
  schema: GraphQLSchema;
  services: Services;
  /** `database.url`, or the embedded database's. */
  databaseUrl: string;
  count: CountField;
}

/** How many of `database.pool.max` connections the fast path keeps for itself. */
export function fastPathConnections(pool: PoolSettings): number {
  const { readers, writers } = batchConnections(pool);
  return readers + writers;
}

/**
 * The fast path: requests whose document Apollo has validated before, and that are one read or one write, are answered
 * by one SQL statement before they reach Apollo. Authentication, permissions, logging and metrics are the same as on
 * Apollo's path. All other requests are left to Apollo. Returns its runners of single statements, and the function that
 * closes their connections. See
 * docs/decisions/0001-one-tree-one-fetch.md.
 */
export function installFastPath(parts: FastPathDependencies): Runners & { close(): Promise<void> } {
  const { fastify, apollo, schema, services, databaseUrl, count } = parts;
  const runners = createBatchRunners(databaseUrl, services.config.database.pool, services.pool);
  const cache = createOperationCache(schema, services, runners);
  apollo.addPlugin(rememberDocuments(cache));
  fastify.addHook("preHandler", async (request, reply) => {
    if (request.routeOptions.config.fastPath !== true || request.method !== "POST") return;
    const type = mediaTypeFor(request.headers.accept);
    const body = type && (await tryFastPath(services, cache, count, request));
    if (body) return reply.header("cache-control", "no-store").type(type).send(body);
  });
  return runners;
}

function rememberDocuments(cache: OperationCache): ApolloServerPlugin<ObservedContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ source, request, document, operation }) {
          if (!operation) return;
          cache.add({ query: source, operationName: request.operationName ?? undefined }, document, operation);
        },
      };
    },
  };
}

/** The body of the response; undefined leaves the request to Apollo. */
async function tryFastPath(
  services: Services,
  cache: OperationCache,
  count: CountField,
  request: FastifyRequest,
): Promise<string | undefined> {
  const graphqlRequest = graphqlRequestIn(request);
  if (!graphqlRequest) return undefined;
  const credential = credentialOf(services.config, request.headers.authorization);
  try {
    const response = await cache.answer({ credential, requestId: request.id, origin: request.origin }, graphqlRequest);
    if (!response) return undefined;
    const { body, field, operation: name } = response;
    request.operation = { via: "fast", fields: [field], codes: [], ...(name && { name }) };
    count(field, "ok", "fast");
    return body;
  } catch (error) {
    const known = asAppError(error);
    if (!known) request.log.error({ err: error }, "The fast path failed");
    // No second attempt through Apollo: with an overloaded database the caller would wait twice, and a write could
    // happen twice.
    return known || error instanceof UnknownWriteOutcome ? rejection(request, count, error) : undefined;
  }
}

/** The response of an operation that did not run. */
function rejection(request: FastifyRequest, count: CountField, thrown: unknown): string {
  const error = toGraphQLError(thrown);
  const code = String(error.extensions.code);
  request.operation = { via: "fast", fields: [], codes: [code] };
  count("none", code, "fast");
  return JSON.stringify({ errors: [error], data: null });
}

/** The GraphQL request of a POST; undefined if the request must be left to Apollo. */
function graphqlRequestIn({ body }: FastifyRequest): GraphqlRequest | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { query, variables, operationName, extensions } = body as Record<string, unknown>;
  if (typeof query !== "string" || extensions !== undefined) return undefined;
  if (variables !== undefined && (typeof variables !== "object" || Array.isArray(variables))) return undefined;
  if (operationName !== undefined && operationName !== null && typeof operationName !== "string") return undefined;
  return { query, variables: variables as GraphqlRequest["variables"], operationName: operationName ?? undefined };
}

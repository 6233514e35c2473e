import type { ApolloServer } from "@apollo/server";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyReply, FastifyRequest } from "fastify";
import { credentialOf } from "../auth/authenticate.ts";
import { type Context, createContext, type Services } from "../context.ts";
import { asAppError, toGraphQLError } from "../errors.ts";
import type { Server } from "../http/createServer.ts";
import { under } from "../http/under.ts";
import { type CountField, type ObservedContext, observed } from "./observe.ts";
import { type Asked, Unrepeatable, type WholeAnswer, type WholeAnswers } from "./wholeAnswers.ts";

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

/** Documents that one statement answers, and where their answers are counted. */
export interface Known {
  wholeAnswers: WholeAnswers;
  count: CountField;
}

const JSON_TYPE = "application/json; charset=utf-8";

/**
 * Answers a request whose document is known without asking Apollo, which has checked it before: same credential, same
 * rules, same log line and count. Undefined leaves the request to Apollo.
 */
async function answerKnown(
  services: Services,
  { wholeAnswers, count }: Known,
  request: FastifyRequest,
): Promise<string | undefined> {
  const asked = askedIn(request);
  if (!asked) return undefined;
  const credential = credentialOf(services.config, request.headers.authorization);
  let answer: WholeAnswer | undefined;
  try {
    answer = await wholeAnswers.answer(services, { credential, requestId: request.id }, asked);
  } catch (error) {
    const known = asAppError(error);
    if (!known) request.log.error({ err: error }, "A whole answer failed");
    // Asked again, an overloaded database would only make this caller wait twice, and a write could happen twice.
    return known || error instanceof Unrepeatable ? refusal(request, count, error) : undefined;
  }
  if (!answer) return undefined;
  request.operation = { fields: [answer.field], codes: [], ...(answer.operation && { name: answer.operation }) };
  count(answer.field, "ok");
  return answer.body;
}

/** The answer of an operation that never ran. */
function refusal(request: FastifyRequest, count: CountField, thrown: unknown): string {
  const error = toGraphQLError(thrown);
  const code = String(error.extensions.code);
  request.operation = { fields: [], codes: [code] };
  count("none", code);
  return JSON.stringify({ errors: [error], data: null });
}

/** The GraphQL request of a POST; undefined for anything that is not plainly one. */
function askedIn({ method, body, headers }: FastifyRequest): Asked | undefined {
  if (method !== "POST" || typeof body !== "object" || body === null) return undefined;
  // Apollo negotiates other media types.
  if (headers.accept !== undefined && !/\*\/\*|application\/json/.test(headers.accept)) return undefined;
  const { query, variables, operationName, extensions } = body as Record<string, unknown>;
  if (typeof query !== "string" || extensions !== undefined) return undefined;
  if (variables !== undefined && (typeof variables !== "object" || Array.isArray(variables))) return undefined;
  if (operationName !== undefined && operationName !== null && typeof operationName !== "string") return undefined;
  return { query, variables: variables as Asked["variables"], operationName: operationName ?? undefined };
}

/**
 * Serves GraphQL at the endpoint, with and without a trailing slash: clients send both, and a redirected POST would
 * arrive without its body. A GET that accepts `text/html` gets `page`.
 */
export function addGraphqlRoutes(
  server: Server,
  services: Services,
  apollo: ApolloServer<ObservedContext>,
  known: Known,
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
        const body = await answerKnown(services, known, request);
        return body === undefined ? answer.call(this, request, reply) : reply.type(JSON_TYPE).send(body);
      },
    });
  }
}

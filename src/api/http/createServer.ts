import compress from "@fastify/compress";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import type { Logger } from "pino";
import type { Config } from "../../platform/config/config.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { addAccessLog } from "./accessLog.ts";
import { addHandlerTimeout } from "./addHandlerTimeout.ts";
import { renderError } from "./renderError.ts";
import { requestIdOf } from "./requestId.ts";
import { requestLog } from "./requestLog.ts";

/** An HTTP server without routes yet. */
export type Server = FastifyInstance;

/** Node looks for connections that are over time this often, in milliseconds; its default of 30 s would triple ours. */
const TIMEOUT_CHECK_EVERY = 2_000;

/** Longer than the 60 s of common ingresses, which then close idle connections first and never write into a closed one. */
const KEEP_ALIVE = 72_000;

const MAX_HEADER_SIZE = 16 * 1024;

/**
 * A Fastify server with our limits (header, request and handler timeouts, body and header size), request ids,
 * compression of answers over 1 KiB, JSON bodies only, errors in one shape, and one log line per request. `offers` tells
 * someone who asks for an unknown path what there is.
 */
export async function createServer(config: Config["webserver"], log: Logger, offers: string): Promise<Server> {
  const server: Server = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    genReqId: requestIdOf,
    childLoggerFactory: requestLog,
    http: {
      headersTimeout: config.headerTimeout,
      maxHeaderSize: MAX_HEADER_SIZE,
      connectionsCheckingInterval: TIMEOUT_CHECK_EVERY,
    },
    requestTimeout: config.requestTimeout,
    keepAliveTimeout: KEEP_ALIVE,
    bodyLimit: config.bodyLimit,
    trustProxy: false,
  });
  readJsonOnly(server);
  renderErrors(server, config, offers);
  server.addHook("onRequest", (request, reply, done) => {
    reply.headers({
      "x-request-id": request.id,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
    done();
  });
  addAccessLog(server);
  addHandlerTimeout(server, config.handlerTimeout);
  await server.register(compress, {
    threshold: 1024,
    encodings: ["br", "gzip", "identity"],
    globalDecompression: false,
  });
  return server;
}

function readJsonOnly(server: Server) {
  const parse = server.getDefaultJsonParser("error", "error");
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    // Bodies are never decompressed: a few bytes could become gigabytes.
    const encoding = request.headers["content-encoding"];
    if (encoding && encoding !== "identity")
      return done(badInput("content-encoding", "compressed bodies are not read"));
    // Clients that set the header on every call send it without a body too.
    if (body === "") return done(null, undefined);
    return parse(request, body.toString(), done);
  });
}

function renderErrors(server: Server, config: Config["webserver"], offers: string) {
  server.setErrorHandler((error, request, reply) => {
    const rendered = renderError(error, config);
    if (rendered.unexpected) request.log.error({ err: error }, "Unexpected error");
    const { statusCode, code, message } = rendered;
    const body = request.routeOptions.config.graphql
      ? { errors: [{ message, extensions: { code } }] }
      : { code, message };
    return reply.code(statusCode).header("cache-control", "no-store").send(body);
  });
  const missing = { code: "NOT_FOUND", message: `No such path: ${offers}` };
  server.setNotFoundHandler((_request, reply) => reply.code(404).send(missing));
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Errors of this route have the shape of a GraphQL answer. */
    graphql?: boolean;
    /** Probes and the like: one log line each would drown the rest. */
    quiet?: boolean;
  }
}

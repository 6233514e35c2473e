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
import { type Page, sendPage, varyByAccept, wantsPage } from "./sendPage.ts";
import { respondUndecodable } from "./undecodablePath.ts";

/** An HTTP server without routes yet. */
export type Server = FastifyInstance;

/** Interval at which Node checks for timed-out connections, in ms. Its default of 30 s would triple our timeouts. */
const TIMEOUT_CHECK_INTERVAL = 2_000;

/**
 * In ms. Longer than the 60 s of common ingresses, so that they close idle connections first and never use a closed
 * one.
 */
const KEEP_ALIVE = 72_000;

const MAX_HEADER_SIZE = 16 * 1024;

/**
 * A Fastify server with our limits (header, request and handler timeouts, body and header size), request IDs,
 * compression of responses over 1 KiB, JSON bodies only, uniform errors, and one log line per request. `hint` is added
 * to the 404 for unknown paths; a browser gets `notFoundPage` instead, if there is one.
 */
export async function createServer(
  config: Config["webserver"],
  log: Logger,
  hint: string,
  notFoundPage?: Page,
): Promise<Server> {
  const server: Server = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    genReqId: requestIdOf,
    childLoggerFactory: requestLog,
    http: {
      headersTimeout: config.headerTimeout,
      maxHeaderSize: MAX_HEADER_SIZE,
      connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL,
    },
    requestTimeout: config.requestTimeout,
    keepAliveTimeout: KEEP_ALIVE,
    // Requests that arrive while the server closes are answered, with `connection: close`.
    return503OnClosing: false,
    bodyLimit: config.bodyLimit,
    // An ID of any length is an unknown one.
    routerOptions: { maxParamLength: MAX_HEADER_SIZE },
    frameworkErrors: (error, request, reply) => respondUndecodable(error, request, reply, config),
    trustProxy: false,
  });
  readJsonOnly(server);
  renderErrors(server, config, hint, notFoundPage);
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
    // Bodies are never decompressed: a few bytes could expand to gigabytes.
    const encoding = request.headers["content-encoding"];
    if (encoding && encoding !== "identity")
      return done(badInput("content-encoding", "must be omitted; compressed request bodies are not supported"));
    // Some clients set the header on every request, even without a body.
    if (body === "") return done(null, undefined);
    return parse(request, body.toString(), done);
  });
}

function renderErrors(server: Server, config: Config["webserver"], hint: string, notFoundPage: Page | undefined) {
  server.setErrorHandler((error, request, reply) => {
    const rendered = renderError(error, config);
    if (rendered.unexpected) request.log.error({ err: error }, "Unexpected error");
    const { statusCode, code, message } = rendered;
    const body = request.routeOptions.config.graphql
      ? { errors: [{ message, extensions: { code } }] }
      : { code, message };
    return reply.code(statusCode).header("cache-control", "no-store").send(body);
  });
  const missing = { code: "NOT_FOUND", message: `Unknown path: ${hint}` };
  server.setNotFoundHandler((request, reply) => {
    varyByAccept(reply);
    reply.code(404).header("cache-control", "no-store");
    return notFoundPage && wantsPage(request) ? sendPage(reply, notFoundPage) : reply.send(missing);
  });
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Errors of this route have the format of a GraphQL response. */
    graphql?: boolean;
    /** Logged at level debug: probes would otherwise fill the log. */
    quiet?: boolean;
  }
}

import type { Socket } from "node:net";
import compress from "@fastify/compress";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from "fastify";
import type { Logger } from "pino";
import type { Config } from "../../platform/config/config.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { jsonSizeError } from "../../platform/input/jsonSize.ts";
import { addAccessLog } from "./accessLog.ts";
import { addHandlerTimeout } from "./addHandlerTimeout.ts";
import { askToRetry } from "./askToRetry.ts";
import { varyBy } from "./caching.ts";
import { createClientAddress } from "./clientAddress.ts";
import { answerClientError, isBelow, limitHeaders, MAX_FORWARDED_SIZE } from "./headerLimits.ts";
import { joinPath } from "./joinPath.ts";
import { addLingeringClose } from "./lingeringClose.ts";
import { compressedBody, renderError } from "./renderError.ts";
import { requestIdOf } from "./requestId.ts";
import { requestLog } from "./requestLog.ts";
import { type Page, sendPage, wantsPage } from "./sendPage.ts";
import { respondUndecodable } from "./undecodablePath.ts";

/** An HTTP server without routes yet. */
export type Server = FastifyInstance;

/** Interval at which Node checks for timed-out connections, in ms. Its default of 30 s would triple our timeouts. */
const TIMEOUT_CHECK_INTERVAL = 1_000;

/**
 * In ms. Longer than the 60 s of common ingresses, so that they close idle connections first and never use a closed
 * one.
 */
const KEEP_ALIVE = 72_000;

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
  const addressOf = createClientAddress(config.trustedProxies);
  const authorization = joinPath(config.endpoint, "authorization");
  const server: Server = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    genReqId: requestIdOf,
    childLoggerFactory: requestLog,
    http: {
      headersTimeout: config.headerTimeout,
      maxHeaderSize: MAX_FORWARDED_SIZE,
      connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL,
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket as Socket, authorization),
    requestTimeout: config.requestTimeout,
    keepAliveTimeout: KEEP_ALIVE,
    // Requests that arrive while the server closes are answered, with `connection: close`.
    return503OnClosing: false,
    bodyLimit: config.bodyLimit,
    // An ID of any length is an unknown one.
    routerOptions: { maxParamLength: MAX_FORWARDED_SIZE },
    frameworkErrors(error, request, reply: FastifyReply) {
      if (isBelow(authorization, request.url)) return reply.code(403).send();
      respondUndecodable(error, request, reply, { ...config, address: addressOf(request.raw) });
    },
    // It would also trust the host and the scheme that a proxy forwards; see createClientAddress.
    trustProxy: false,
  });
  // Nobody is waited for, whatever they expect. Node would answer 417.
  server.server.on("checkExpectation", (request, response) => server.server.emit("request", request, response));
  readJsonOnly(server);
  renderErrors(server, config, hint, notFoundPage);
  server.decorateRequest("origin", null as never);
  server.addHook("onRequest", (request, reply, done) => {
    request.origin = { via: "graphql", address: addressOf(request.raw) };
    reply.headers({
      "x-request-id": request.id,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
    done();
  });
  limitHeaders(server);
  rejectCompressedBodies(server);
  addLingeringClose(server);
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
    // Some clients set the header on every request, even without a body.
    if (body === "") return done(null, undefined);
    const text = body.toString();
    const tooLarge = jsonSizeError(text);
    if (tooLarge) return done(badInput("body", tooLarge));
    return parse(request, text, done);
  });
}

/** Bodies are never decompressed: a few bytes could expand to gigabytes. Not read either, so the connection is closed. */
function rejectCompressedBodies(server: Server) {
  server.addHook("onRequest", (request, reply, done) => {
    const encoding = request.headers["content-encoding"];
    if (!encoding || encoding === "identity" || request.routeOptions.config.forwarded) return done();
    reply.header("connection", "close");
    done(compressedBody());
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
    askToRetry(reply, statusCode);
    return reply.code(statusCode).header("cache-control", "no-store").send(body);
  });
  const missing = { code: "NOT_FOUND", message: `Unknown path: ${hint}` };
  server.setNotFoundHandler((request, reply) => {
    varyBy(reply, "accept");
    reply.code(404).header("cache-control", "no-store");
    return notFoundPage && wantsPage(request) ? sendPage(reply, notFoundPage) : reply.send(missing);
  });
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Errors of this route have the format of a GraphQL response. */
    graphql?: boolean;
    /** The fast path may answer requests to this route. */
    fastPath?: boolean;
    /** false: pages of other origins may not read the answers, whatever `cors.allowedOrigins` says. */
    cors?: false;
    /** An ingress passes on what others sent: their headers may be larger, and a body is none of ours. */
    forwarded?: boolean;
    /** Logged at level debug: probes would otherwise fill the log. */
    quiet?: boolean;
  }
}

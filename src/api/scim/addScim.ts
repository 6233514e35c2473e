import type { FastifyReply, FastifyRequest } from "fastify";
import type { Services } from "../../access/context.ts";
import { hostUrl, NO_DOMAIN } from "../../platform/config/addresses.ts";
import type { Config } from "../../platform/config/config.ts";
import type { QueryRunner } from "../../platform/database/queryRunner.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { jsonSizeError } from "../../platform/input/jsonSize.ts";
import { authenticateScim } from "../../services/scim/authenticateScim.ts";
import type { ScimContext } from "../../services/scim/scimContext.ts";
import { clientOf } from "../http/clientOf.ts";
import type { Server } from "../http/createServer.ts";
import { joinPath } from "../http/joinPath.ts";
import { addDiscoveryRoutes } from "./discoveryRoutes.ts";
import { addGroupRoutes } from "./groupRoutes.ts";
import { scimCandidates } from "./scimCandidates.ts";
import { SCIM_TYPE, sendNotServed, sendScimError } from "./scimError.ts";
import { addUserRoutes } from "./userRoutes.ts";

/** Maximum size of a body in bytes: 50,000 members as Entra sends them, with the URL of each, have 7 MiB. */
const BODY_LIMIT = 8 * 1024 * 1024;

/** Maximum number of values in a body: each of 50,000 members has up to four, and its object. */
const MAX_VALUES = 250_010;

/** What the routes of SCIM share. */
export interface ScimRoutes {
  /** The context of a request whose credential has been checked. */
  contextOf(request: FastifyRequest): ScimContext;
  /** The base URL of the provider of a request, in answers. */
  baseOf(request: FastifyRequest): string;
  send(reply: FastifyReply, status: number, body: object): FastifyReply;
}

/**
 * SCIM 2.0 (RFC 7643, RFC 7644) at `<endpoint>/scim/v2/<provider>`, for the provider's client only: it keeps users and teams of
 * that provider. Every error has the body of a SCIM error. `reads` runs the statements that requests mostly consist of.
 */
export function addScim(server: Server, services: Services, reads: QueryRunner = services.pool): void {
  const prefix = joinPath(services.config.webserver.endpoint, "scim/v2/:provider");
  const contexts = new WeakMap<FastifyRequest, ScimContext>();
  const routes: ScimRoutes = {
    contextOf: (request) => contexts.get(request) as ScimContext,
    baseOf: (request) =>
      `${apiUrl(services.config)}${joinPath(services.config.webserver.endpoint, "scim/v2")}/${providerOf(request)}`,
    send: (reply, status, body) => reply.code(status).header("cache-control", "no-store").type(SCIM_TYPE).send(body),
  };
  server.register(
    async (scope) => {
      readScimJson(scope);
      scope.setErrorHandler((error, request, reply) => sendScimError(error, request, reply, BODY_LIMIT));
      // Before the body is read.
      scope.addHook("onRequest", async (request) => {
        request.origin.via = "scim";
        contexts.set(request, await authenticate({ ...services, reads }, request));
      });
      addDiscoveryRoutes(scope, routes);
      addUserRoutes(scope, routes);
      addGroupRoutes(scope, routes);
      scope.all("/", (request, reply) => sendNotServed("/", request, reply));
      scope.all<{ Params: { "*": string } }>("/*", (request, reply) =>
        sendNotServed(`/${request.params["*"]}`, request, reply),
      );
    },
    { prefix },
  );
}

function authenticate(services: Services & { reads: QueryRunner }, request: FastifyRequest): Promise<ScimContext> {
  return authenticateScim(services, {
    provider: providerOf(request),
    candidates: scimCandidates(request.headers.authorization ?? ""),
    requestId: request.id,
    origin: request.origin,
    client: clientOf(request.raw, request.origin.address ?? ""),
  });
}

const providerOf = (request: FastifyRequest) => (request.params as { provider: string }).provider;

/** Where clients reach the API. Built from settings only: a request's Host header cannot be trusted. */
function apiUrl(config: Config): string {
  const { webserver, helm } = config;
  if (webserver.publicUrl !== null) return webserver.publicUrl.replace(/\/+$/, "");
  return helm.baseDomain === NO_DOMAIN
    ? `http://localhost:${webserver.port}`
    : hostUrl(config, `houston.${helm.baseDomain}`);
}

function readScimJson(scope: Server): void {
  const parse = scope.getDefaultJsonParser("error", "error");
  scope.removeAllContentTypeParsers();
  const types = [SCIM_TYPE, "application/json"];
  scope.addContentTypeParser(types, { parseAs: "string", bodyLimit: BODY_LIMIT }, (request, body, done) => {
    if (body === "") return done(null, undefined);
    const text = body.toString();
    const tooLarge = jsonSizeError(text, MAX_VALUES);
    if (tooLarge) return done(badInput("body", tooLarge));
    return parse(request, text, done);
  });
}

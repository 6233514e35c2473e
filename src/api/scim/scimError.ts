import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../../platform/errors/appError.ts";
import { ScimError } from "../../services/scim/scimError.ts";
import { askToRetry } from "../http/askToRetry.ts";
import { renderError } from "../http/renderError.ts";

export const SCIM_TYPE = "application/scim+json";

const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";

/** What RFC 7644 calls the causes of errors that are not thrown as such. */
const scimTypeOf: Record<string, string> = { BAD_USER_INPUT: "invalidValue", BAD_REQUEST: "invalidSyntax" };

/** Sends an error as SCIM clients read it: the status is a string, and `detail` says what is wrong. */
export function sendScimError(thrown: unknown, request: FastifyRequest, reply: FastifyReply, bodyLimit: number) {
  const { statusCode, code, message, unexpected } = renderError(thrown, { bodyLimit });
  if (unexpected) request.log.error({ err: thrown }, "Unexpected error");
  const scimType = thrown instanceof ScimError ? thrown.scimType : scimTypeOf[code];
  if (statusCode === 401) reply.header("www-authenticate", 'Bearer realm="houston"');
  if (thrown instanceof AppError && thrown.retryAfter !== undefined) reply.header("retry-after", thrown.retryAfter);
  else askToRetry(reply, statusCode);
  return sendErrorBody(reply, { status: statusCode, scimType, detail: message });
}

function sendErrorBody(reply: FastifyReply, given: { status: number; scimType?: string | undefined; detail: string }) {
  const { status, scimType, detail } = given;
  return reply
    .code(status)
    .header("cache-control", "no-store")
    .type(SCIM_TYPE)
    .send({ schemas: [ERROR], status: String(status), ...(scimType && { scimType }), detail });
}

/** Paths that Houston serves, with other methods, and paths of RFC 7644 that it does not serve. */
const SERVED = /^\/(Users|Groups|Schemas|ResourceTypes)(\/[^/]+)?\/?$|^\/ServiceProviderConfig\/?$/;
const NOT_IMPLEMENTED = /^\/(Me|Bulk|\.search)(\/|$)/;

/** Answers a request for which there is no route. `path` is below the base URL. */
export function sendNotServed(path: string, request: FastifyRequest, reply: FastifyReply) {
  if (SERVED.test(path))
    return sendErrorBody(reply, { status: 405, detail: `${path} does not accept ${request.method}` });
  if (NOT_IMPLEMENTED.test(path)) return sendErrorBody(reply, { status: 501, detail: `${path} is not supported` });
  return sendErrorBody(reply, { status: 404, detail: `There is no SCIM resource ${path}` });
}

import type { FastifyReply, FastifyRequest } from "fastify";
import { type RenderedError, renderError } from "./renderError.ts";

/**
 * Responds to a request whose path cannot be decoded. Fastify finds no route for it and runs neither hooks nor error
 * handlers, so everything they add is added here. The body has the members of the errors of every API: which one was meant
 * cannot be known.
 */
export function respondUndecodable(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { address, ...limits }: { bodyLimit: number; address: string },
): void {
  const { code, statusCode, message } = renderUndecodable(error, limits);
  const [path] = request.url.split("?", 1);
  request.log.info({ method: request.method, path, status: statusCode, address, errors: [code] }, "request");
  reply
    .code(statusCode)
    .headers({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-request-id": request.id,
    })
    .send({ code, message, requestId: request.id, statusCode });
}

function renderUndecodable(error: unknown, limits: { bodyLimit: number }): RenderedError {
  const rendered = renderError(error, limits);
  const isPath = (error as { code?: unknown }).code === "FST_ERR_BAD_URL";
  return isPath
    ? { ...rendered, message: "The path of the URL is not valid: a % must be followed by UTF-8" }
    : rendered;
}

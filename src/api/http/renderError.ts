import { AppError, statusOf } from "../../platform/errors/appError.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";

/** An error as sent to the client, before it is formatted for GraphQL or REST. */
export interface RenderedError {
  statusCode: number;
  code: string;
  message: string;
  /** True if it is our fault: it must be logged, and the caller sees no details. */
  unexpected: boolean;
}

const codeOfStatus: Record<number, string> = {
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  408: "REQUEST_TIMEOUT",
  413: "PAYLOAD_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
};

const COMPRESSED_BODY = "COMPRESSED_BODY";

/** The error for a request with a compressed body. */
export const compressedBody = (): Error => Object.assign(new Error("Compressed body"), { code: COMPRESSED_BODY });

/** Renders an error thrown by a route, or by Fastify before a route ran. `bodyLimit` is in bytes. */
export function renderError(thrown: unknown, limits: { bodyLimit: number }): RenderedError {
  const { code, statusCode, name } = (thrown ?? {}) as { code?: unknown; statusCode?: unknown; name?: unknown };
  const reject = (status: number, message: string): RenderedError => ({
    statusCode: status,
    code: codeOfStatus[status] ?? "BAD_REQUEST",
    message,
    unexpected: false,
  });
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return reject(413, `The request body exceeds the limit of ${limits.bodyLimit} bytes`);
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return reject(415, "content-type: must be application/json");
    case COMPRESSED_BODY:
      return reject(415, "content-encoding: must be omitted; compressed request bodies are not supported");
    // The Host header is part of the URL, and callers can send anything there.
    case "ERR_INVALID_URL":
      return reject(400, "The URL or Host header of the request is invalid");
  }
  const fromFastify = name === "SyntaxError" || (typeof code === "string" && code.startsWith("FST_"));
  if (fromFastify && typeof statusCode === "number" && statusCode >= 400 && statusCode < 500) {
    return reject(statusCode, (thrown as Error).message);
  }
  const known = asAppError(thrown);
  const error = known ?? new AppError("INTERNAL_SERVER_ERROR", "Internal server error");
  return { statusCode: statusOf[error.code], code: error.code, message: error.message, unexpected: !known };
}

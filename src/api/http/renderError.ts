import { AppError, statusOf } from "../../platform/errors/appError.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";

/** What an error becomes on the wire, before a door gives it its shape. */
export interface RenderedError {
  statusCode: number;
  code: string;
  message: string;
  /** True when it is our fault: log it, the caller learns nothing. */
  unexpected: boolean;
}

const codeOfStatus: Record<number, string> = {
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  408: "REQUEST_TIMEOUT",
  413: "PAYLOAD_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
};

/** Renders what a route threw, or what Fastify refused before a route ran. `bodyLimit` is in bytes. */
export function renderError(thrown: unknown, limits: { bodyLimit: number }): RenderedError {
  const { code, statusCode, name } = (thrown ?? {}) as { code?: unknown; statusCode?: unknown; name?: unknown };
  const refuse = (status: number, message: string): RenderedError => ({
    statusCode: status,
    code: codeOfStatus[status] ?? "BAD_REQUEST",
    message,
    unexpected: false,
  });
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return refuse(413, `The request body is over the limit of ${limits.bodyLimit} bytes`);
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return refuse(415, "content-type: only application/json is read here");
    // The Host header is part of the URL, and callers can send anything there.
    case "ERR_INVALID_URL":
      return refuse(400, "The request's URL or Host header is not valid");
  }
  const fromFastify = name === "SyntaxError" || (typeof code === "string" && code.startsWith("FST_"));
  if (fromFastify && typeof statusCode === "number" && statusCode >= 400 && statusCode < 500) {
    return refuse(statusCode, (thrown as Error).message);
  }
  const known = asAppError(thrown);
  const error = known ?? new AppError("INTERNAL_SERVER_ERROR", "Internal server error");
  return { statusCode: statusOf[error.code], code: error.code, message: error.message, unexpected: !known };
}

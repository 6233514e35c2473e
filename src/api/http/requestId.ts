import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

const acceptable = /^[A-Za-z0-9._-]{1,128}$/;

/** The ID of a request: the caller's `x-request-id` if it is 1–128 characters of `A-Z a-z 0-9 . _ -`, else a new UUID. */
export function requestIdOf(request: IncomingMessage): string {
  const header = request.headers["x-request-id"];
  // Other characters could break a log line or a header.
  return typeof header === "string" && acceptable.test(header) ? header : randomUUID();
}

import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

const acceptable = /^[A-Za-z0-9._-]{1,128}$/;

/** The id of a request: the caller's `x-request-id` when it is 1–128 of `A-Z a-z 0-9 . _ -`, else a new UUID. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  // Anything else could break a log line or a header.
  return typeof given === "string" && acceptable.test(given) ? given : randomUUID();
}

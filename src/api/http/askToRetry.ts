import type { FastifyReply } from "fastify";

/** Seconds after which a client should send a request again that was answered with 503. */
export const RETRY_AFTER = 2;

/** Adds Retry-After to a response of status 503. */
export function askToRetry(reply: FastifyReply, status: number): void {
  if (status === 503) reply.header("retry-after", RETRY_AFTER);
}

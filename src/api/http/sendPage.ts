import type { FastifyReply, FastifyRequest } from "fastify";

/** Whether a browser asks for a page: a GET or HEAD request that accepts `text/html`. */
export const wantsPage = ({ method, headers }: FastifyRequest): boolean =>
  (method === "GET" || method === "HEAD") && headers.accept?.includes("text/html") === true;

/** Tells caches that the response depends on `accept`, in addition to what it depends on already. */
export function varyByAccept(reply: FastifyReply): void {
  const known = reply.getHeader("vary");
  reply.header("vary", known ? `${known}, accept` : "accept");
}

/** A page and its Content-Security-Policy. */
export interface Page {
  html: string;
  contentSecurityPolicy: string;
}

/** A Content-Security-Policy that allows these sources and nothing else. */
export const policyOf = (...sources: string[]): string =>
  ["default-src 'none'", ...sources, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"].join("; ");

/** Sends a page. */
export const sendPage = (reply: FastifyReply, { html, contentSecurityPolicy }: Page): FastifyReply =>
  reply.type("text/html; charset=utf-8").header("content-security-policy", contentSecurityPolicy).send(html);

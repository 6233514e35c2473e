import type { FastifyReply, FastifyRequest } from "fastify";

/** Whether a browser asks for a page: a GET or HEAD request that accepts `text/html`. */
export const wantsPage = ({ method, headers }: FastifyRequest): boolean =>
  (method === "GET" || method === "HEAD") && headers.accept?.includes("text/html") === true;

/** A page and its Content-Security-Policy. */
export interface Page {
  html: string;
  contentSecurityPolicy: string;
}

/** A Content-Security-Policy that allows these sources and nothing else; no forms, unless `form-action` is one of them. */
export function policyOf(...sources: string[]): string {
  const forms = sources.some((source) => source.startsWith("form-action ")) ? [] : ["form-action 'none'"];
  return ["default-src 'none'", ...sources, "base-uri 'none'", ...forms, "frame-ancestors 'none'"].join("; ");
}

/** Sends a page. */
export const sendPage = (reply: FastifyReply, { html, contentSecurityPolicy }: Page): FastifyReply =>
  reply.type("text/html; charset=utf-8").header("content-security-policy", contentSecurityPolicy).send(html);

import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Whether a browser asks for a page: a GET or HEAD request that accepts `text/html`. */
export const wantsPage = ({ method, headers }: FastifyRequest): boolean =>
  (method === "GET" || method === "HEAD") && headers.accept?.includes("text/html") === true;

/** Tells caches that the response depends on `accept`, in addition to what it depends on already. */
export function varyByAccept(reply: FastifyReply): void {
  const known = reply.getHeader("vary");
  reply.header("vary", known ? `${known}, accept` : "accept");
}

/** Sends a page without scripts. Its Content-Security-Policy allows its inline style and nothing else. */
export function sendPage(reply: FastifyReply, html: string): FastifyReply {
  const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? "";
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return reply.type("text/html; charset=utf-8").header("content-security-policy", policy).send(html);
}

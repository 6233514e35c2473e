import type { FastifyReply, FastifyRequest } from "fastify";

/** Tells caches that the response depends on the header `name`, in addition to what it depends on already. */
export function varyBy(reply: FastifyReply, name: string): void {
  const known = reply.getHeader("vary");
  reply.header("vary", known ? `${known}, ${name}` : name);
}

/**
 * Whether the client already has the response with this entity tag, by its header `if-none-match`: it gets 304. A tag
 * that a proxy made weak (`W/`) counts too.
 */
export function hasCurrent({ headers }: Pick<FastifyRequest, "headers">, etag: string): boolean {
  const known = headers["if-none-match"]?.split(",").map((tag) => tag.trim()) ?? [];
  return known.some((tag) => tag === "*" || strong(tag) === strong(etag));
}

const strong = (tag: string) => tag.replace(/^W\//, "");

import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { stringify } from "yaml";
import { hasCurrent } from "../../http/caching.ts";
import type { Server } from "../../http/createServer.ts";
import type { Route } from "../routing/route.ts";
import { createDocument } from "./createDocument.ts";

/**
 * Serves the OpenAPI document of routes at `openapi.json` and `openapi.yaml` below `prefix`, to anyone. It is written when
 * first requested.
 */
export function addDocument(server: Server, prefix: string, routes: readonly Route[]): void {
  const write = once(() => createDocument(routes, prefix));
  const json = once(() => JSON.stringify(write()));
  // Strings that YAML 1.1 reads as something else, such as "on", are quoted: many parsers are of that version.
  const yaml = once(() => stringify(write(), { aliasDuplicateObjects: false, compat: "yaml-1.1" }));
  server.get(`${prefix}/openapi.json`, sends("application/json; charset=utf-8", json));
  server.get(`${prefix}/openapi.yaml`, sends("application/yaml; charset=utf-8", yaml));
}

function once<T>(compute: () => T): () => T {
  let kept: { value: T } | undefined;
  return () => {
    kept ??= { value: compute() };
    return kept.value;
  };
}

/** Sends the text, or 304 to a client that has it. Weak, because the text may be compressed. */
function sends(type: string, text: () => string) {
  const etag = once(() => `W/"${createHash("sha256").update(text()).digest("base64url").slice(0, 22)}"`);
  return (request: FastifyRequest, reply: FastifyReply) => {
    reply.headers({ etag: etag(), "cache-control": "no-cache" });
    return hasCurrent(request, etag()) ? reply.code(304).send() : reply.type(type).send(text());
  };
}

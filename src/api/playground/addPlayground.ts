import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { fastifyStatic } from "@fastify/static";
import type { PageHandler } from "../graphql/addGraphqlRoutes.ts";
import type { Server } from "../http/createServer.ts";
import { joinPath } from "../http/joinPath.ts";
import { sendPage, varyByAccept } from "../http/sendPage.ts";
import { playgroundPage } from "./page.ts";

const assets = fileURLToPath(new URL("../../generated/playground", import.meta.url));

/** Time a browser caches the files, in seconds. Their URL changes when they do. */
const MAX_AGE = 365 * 24 * 60 * 60;

/** Serves the files of GraphQL Playground below the endpoint. Returns the page for `addGraphqlRoutes`. */
export async function addPlayground(server: Server, endpoint: string, subscriptions: string): Promise<PageHandler> {
  const code = await readFile(`${assets}/playground.js`).catch((cause: unknown) => {
    throw new Error("The files of GraphQL Playground are missing: run `npm run generate`", { cause });
  });
  const version = createHash("sha256").update(code).digest("hex").slice(0, 12);
  const path = joinPath(endpoint, "playground");
  await server.register(fastifyStatic, {
    root: assets,
    prefix: path,
    wildcard: false,
    index: false,
    preCompressed: true,
    decorateReply: false,
    maxAge: MAX_AGE * 1_000,
    immutable: true,
  });
  const page = playgroundPage(endpoint, subscriptions, path, version);
  return (_request, reply) => {
    varyByAccept(reply);
    return sendPage(reply.header("cache-control", "no-cache"), page);
  };
}

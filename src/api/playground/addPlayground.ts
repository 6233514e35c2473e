import type { PageHandler } from "../graphql/addGraphqlRoutes.ts";
import { addAssets } from "../http/addAssets.ts";
import type { Server } from "../http/createServer.ts";
import { joinPath } from "../http/joinPath.ts";
import { sendPage, varyByAccept } from "../http/sendPage.ts";
import { playgroundPage } from "./page.ts";

/** Serves the files of GraphQL Playground below the endpoint. Returns the page for `addGraphqlRoutes`. */
export async function addPlayground(server: Server, endpoint: string, subscriptions: string): Promise<PageHandler> {
  const path = joinPath(endpoint, "playground");
  const version = await addAssets(server, path, { folder: "playground", main: "playground.js" });
  const page = playgroundPage(endpoint, subscriptions, path, version);
  return (_request, reply) => {
    varyByAccept(reply);
    return sendPage(reply.header("cache-control", "no-cache"), page);
  };
}

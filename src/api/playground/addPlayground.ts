import type { PageHandler } from "../graphql/addGraphqlRoutes.ts";
import { addAssets } from "../http/addAssets.ts";
import { varyBy } from "../http/caching.ts";
import type { Server } from "../http/createServer.ts";
import { joinPath } from "../http/joinPath.ts";
import { sendPage } from "../http/sendPage.ts";
import { type PlaygroundSettings, playgroundPage } from "./page.ts";

/** Makes the page of an endpoint. */
export type Playground = (settings: PlaygroundSettings) => PageHandler;

/** Serves the files of GraphQL Playground below the endpoint. Returns the maker of pages for `addGraphqlRoutes`. */
export async function addPlayground(server: Server, endpoint: string): Promise<Playground> {
  const path = joinPath(endpoint, "playground");
  const version = await addAssets(server, path, { folder: "playground", main: "playground.js" });
  return (settings) => {
    const page = playgroundPage(settings, path, version);
    return (_request, reply) => {
      varyBy(reply, "accept");
      return sendPage(reply.header("cache-control", "no-cache"), page);
    };
  };
}

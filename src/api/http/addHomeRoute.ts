import { varyBy } from "./caching.ts";
import type { Server } from "./createServer.ts";
import { type InfoConfig, linksOf } from "./infoPages.ts";
import { type Page, sendPage, wantsPage } from "./sendPage.ts";

/**
 * `/` returns `page` to browsers, and name, version and links as JSON to other clients. Not added if an API or
 * subscriptions are served at `/`.
 */
export function addHomeRoute(server: Server, config: InfoConfig, page: Page): void {
  const { endpoint, alphaEndpoint, subscriptions } = config.webserver;
  if ([endpoint, alphaEndpoint, subscriptions].some((path) => /^\/+$/.test(path))) return;
  const description = { name: "houston", version: config.helm.releaseVersion, links: linksOf(config) };
  server.get("/", (request, reply) => {
    varyBy(reply, "accept");
    reply.header("cache-control", "no-cache");
    return wantsPage(request) ? sendPage(reply, page) : reply.send(description);
  });
}

import type { Server } from "./createServer.ts";
import { type InfoConfig, linksOf } from "./infoPages.ts";
import { type Page, sendPage, varyByAccept, wantsPage } from "./sendPage.ts";

/**
 * `/` returns `page` to browsers, and name, version and links as JSON to other clients. Not added if GraphQL or
 * subscriptions are served at `/`.
 */
export function addHomeRoute(server: Server, config: InfoConfig, page: Page): void {
  const { endpoint, subscriptions } = config.webserver;
  if (/^\/+$/.test(endpoint) || /^\/+$/.test(subscriptions)) return;
  const description = { name: "houston", version: config.helm.releaseVersion, links: linksOf(config) };
  server.get("/", (request, reply) => {
    varyByAccept(reply);
    reply.header("cache-control", "no-cache");
    return wantsPage(request) ? sendPage(reply, page) : reply.send(description);
  });
}

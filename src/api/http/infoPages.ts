import { type Config, PAGES_PATH } from "../../platform/config/config.ts";
import { joinPath } from "./joinPath.ts";
import { layout } from "./layout.ts";
import { REST_PREFIX } from "./restPrefix.ts";
import type { Page } from "./sendPage.ts";

/** Settings that the pages depend on. */
export type InfoConfig = Pick<Config, "webserver" | "helm">;

/** Paths of the API by what a client does with them. Without `webserver.playground` and `webserver.pages`, those of their pages are absent. */
export function linksOf({ webserver: { endpoint, alphaEndpoint, subscriptions, playground, pages } }: InfoConfig) {
  const health = joinPath(endpoint, "healthz");
  const ofPlayground = playground && {
    playground: endpoint,
    platformDocs: `${REST_PREFIX}/docs`,
    alphaPlayground: alphaEndpoint,
  };
  const platform = { platform: REST_PREFIX, platformDocument: `${REST_PREFIX}/openapi.json` };
  return {
    ...{ graphql: endpoint, subscriptions, ...platform, alpha: alphaEndpoint, ...ofPlayground },
    ...(pages && { pages: `${PAGES_PATH}/` }),
    health,
  };
}

const item = (content: string, about: string) => `<li>${content}<span>${about}</span></li>`;
const link = (path: string, name: string) => `<a href="${path}">${name}</a>`;

/** The pages for browsers at `/` and at unknown paths. The paths they contain consist of letters, digits and `._/-`. */
export function infoPages(config: InfoConfig): { home: Page; notFound: Page } {
  const { graphql, subscriptions, platform, platformDocument, alpha, health, ...links } = linksOf(config);
  const { pages, playground, platformDocs, alphaPlayground } = links;
  const items = [
    pages && item(link(pages, "Sign in"), "Your account, and tokens for the API."),
    playground && item(link(playground, "GraphQL Playground"), "Run operations; DOCS and SCHEMA describe the API."),
    platformDocs && item(link(platformDocs, "Platform API"), "Read about the REST API, and try it."),
    alphaPlayground &&
      item(link(alphaPlayground, "Playground of the alpha API"), "The same for Organizations and Clickstream."),
    item(
      `<code>POST ${graphql}</code>`,
      `GraphQL, for clients. Subscriptions: WebSocket at <code>${subscriptions}</code>.`,
    ),
    item(`<code>${platform}</code>`, `REST, for clients. ${link(platformDocument, "OpenAPI document")}.`),
    item(`<code>POST ${alpha}</code>`, "The alpha API (GraphQL), for clients: Organizations and Clickstream."),
    item(link(health, "Health"), "Whether the server is running."),
  ];
  const list = `<ul>\n${items.filter(Boolean).join("\n")}\n</ul>`;
  const about = "The API that manages Apache Airflow Deployments, Workspaces, users and permissions.";
  return {
    home: layout("Houston API", `<h1>Houston API</h1>\n<p>${about}</p>\n${list}`),
    notFound: layout(
      "Page not found – Houston API",
      `<h1>Page not found</h1>\n<p>There is nothing at this address of the Houston API. You may want:</p>\n${list}`,
    ),
  };
}

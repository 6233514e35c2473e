import { createHash } from "node:crypto";
import type { Config } from "../../platform/config/config.ts";
import { joinPath } from "./joinPath.ts";
import { REST_PREFIX } from "./restPrefix.ts";
import { type Page, policyOf } from "./sendPage.ts";

/** Settings that the pages depend on. */
export type InfoConfig = Pick<Config, "webserver" | "helm">;

/** Paths of the API by what a client does with them. Without `webserver.playground`, those of pages are absent. */
export function linksOf({ webserver: { endpoint, subscriptions, playground } }: InfoConfig) {
  const health = joinPath(endpoint, "healthz");
  const pages = playground && { playground: endpoint, platformDocs: `${REST_PREFIX}/docs` };
  const platform = { platform: REST_PREFIX, platformDocument: `${REST_PREFIX}/openapi.json` };
  return { graphql: endpoint, subscriptions, ...platform, ...pages, health };
}

const style = `
:root {
  color-scheme: light dark;
  --text: #17222d; --muted: #4b5a68; --page: #f5f7f9; --card: #ffffff; --line: #d5dce2; --link: #0b57a4;
}
@media (prefers-color-scheme: dark) {
  :root { --text: #e8eef3; --muted: #aab8c4; --page: #0f1a24; --card: #172a3a; --line: #34495c; --link: #8cc4ff; }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 1.5rem 1rem; min-height: 100vh; display: grid; place-items: center;
  font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--page);
}
main {
  width: 100%; max-width: 36rem; padding: 1.5rem; overflow-wrap: anywhere;
  background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem;
}
h1 { margin: 0 0 0.5rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
ul { margin: 0; padding: 0; list-style: none; border-top: 1px solid var(--line); }
li { padding: 0.75rem 0; border-bottom: 1px solid var(--line); }
li:last-child { border-bottom: 0; padding-bottom: 0; }
a { color: var(--link); font-weight: 600; }
a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
li span { display: block; color: var(--muted); }
code { font: 0.9375em ui-monospace, monospace; }
`;

/** Only the inline style, and no scripts. */
const contentSecurityPolicy = policyOf(
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "img-src data:",
);

const page = (title: string, body: string): Page => ({ html: layout(title, body), contentSecurityPolicy });

const layout = (title: string, body: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;

const item = (content: string, about: string) => `<li>${content}<span>${about}</span></li>`;
const link = (path: string, name: string) => `<a href="${path}">${name}</a>`;

/** The pages for browsers at `/` and at unknown paths. The paths they contain consist of letters, digits and `._/-`. */
export function infoPages(config: InfoConfig): { home: Page; notFound: Page } {
  const { graphql, subscriptions, platform, platformDocument, platformDocs, playground, health } = linksOf(config);
  const items = [
    playground && item(link(playground, "GraphQL Playground"), "Run operations; DOCS and SCHEMA describe the API."),
    platformDocs && item(link(platformDocs, "Platform API"), "Read about the REST API, and try it."),
    item(
      `<code>POST ${graphql}</code>`,
      `GraphQL, for clients. Subscriptions: WebSocket at <code>${subscriptions}</code>.`,
    ),
    item(`<code>${platform}</code>`, `REST, for clients. ${link(platformDocument, "OpenAPI document")}.`),
    item(link(health, "Health"), "Whether the server is running."),
  ];
  const list = `<ul>\n${items.filter(Boolean).join("\n")}\n</ul>`;
  const about = "The API that manages Apache Airflow Deployments, Workspaces, users and permissions.";
  return {
    home: page("Houston API", `<h1>Houston API</h1>\n<p>${about}</p>\n${list}`),
    notFound: page(
      "Page not found – Houston API",
      `<h1>Page not found</h1>\n<p>There is nothing at this address of the Houston API. You may want:</p>\n${list}`,
    ),
  };
}

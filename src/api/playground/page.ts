import { createHash } from "node:crypto";
import { inlineJson } from "../http/inlineJson.ts";
import { type Page, policyOf } from "../http/sendPage.ts";
import { keepTabsIn, repairs } from "./repairs.ts";
import { takeToken } from "./takeToken.ts";

/** What the first tab contains on the first visit of the page for `/v1`. */
export const greeting = `# Houston. Ctrl-Enter runs the operation at the cursor,
# Ctrl-Space completes. SCHEMA and DOCS show the whole API.
#
# The first user becomes System Admin:
#   mutation {
#     createUser(
#       email: "you@example.com"
#       password: "at least 8 characters"
#     ) { token { value } }
#   }
# Later, sign in with createToken(identity: …, password: …).
#
# Copy the token into HTTP HEADERS below:
#   { "authorization": "<value>" }

{
  appConfig {
    version
    baseDomain
  }
}
`;

const settings = {
  "request.credentials": "same-origin",
  "schema.polling.enable": false,
  "schema.disableComments": false,
  "tracing.tracingSupported": false,
  "general.betaUpdates": false,
};

const startScript = ({ endpoint, subscriptions, tabs, greeting, headers }: PlaygroundSettings) => `
${keepTabsIn(tabs)}
${repairs}
${takeToken}
addEventListener("load", () => {
  const endpoint = ${inlineJson(endpoint)};
  const subscriptionEndpoint = location.origin.replace(/^http/, "ws") + ${inlineJson(subscriptions)};
  const options = { endpoint, subscriptionEndpoint, setTitle: true, settings: ${inlineJson(settings)} };
  // Only on the first visit: later visits restore the tabs, including the token.
  if (!localStorage.getItem("graphql-playground")) {
    options.tabs = [{
      name: "Welcome", endpoint: location.origin + endpoint,
      query: ${inlineJson(greeting)}, headers: ${inlineJson(headers)},
    }];
  }
  GraphQLPlayground.init(document.getElementById("root"), options);
  takeToken();
});
`;

/** What distinguishes the pages of two endpoints. */
export interface PlaygroundSettings {
  /** The path of the endpoint, and of its subscriptions. */
  endpoint: string;
  subscriptions: string;
  /** Under which key the browser keeps the tabs. */
  tabs: string;
  /** The first tab on the first visit: its operation, and the values under HTTP HEADERS. */
  greeting: string;
  headers: Record<string, string>;
}

/** GraphQL Playground. `assets` is the path of its files; `version` changes when they do. */
export function playgroundPage(settingsOfPage: PlaygroundSettings, assets: string, version: string): Page {
  const script = startScript(settingsOfPage);
  const url = (name: string) => `${assets}/${name}?v=${version}`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Houston – GraphQL Playground</title>
<link rel="icon" type="image/png" href="${url("favicon.png")}">
<link rel="stylesheet" href="${url("playground.css")}">
<style>
html, body, #root { height: 100%; background: #172a3a; }
/* The TRACING pane: the server sends no traces. */
div[height]:last-child:not(:has(.CodeMirror)) { display: none; }
/* Of a description, the package shows the paragraphs side by side, and cuts them off. */
.CodeMirror-hint-information .content {
  display: block !important; max-height: 10em !important; overflow: auto !important; overflow-wrap: anywhere;
}
.CodeMirror-hint-information .content p { margin: 0 0 0.4em; }
</style>
<script src="${url("playground.js")}" defer></script>
</head>
<body>
<div id="root"></div>
<noscript>GraphQL Playground requires JavaScript. The API accepts POST requests at this URL.</noscript>
<script>${script}</script>
</body>
</html>
`;
  // No other hosts: the page contains the caller's token, and a link can make it open a tab for any endpoint.
  const contentSecurityPolicy = policyOf(
    `script-src 'self' 'sha256-${createHash("sha256").update(script).digest("base64")}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
  );
  return { html, contentSecurityPolicy };
}

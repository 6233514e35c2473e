import { createHash } from "node:crypto";

/** The page and the header that says what it may load. */
export interface Page {
  html: string;
  contentSecurityPolicy: string;
}

const greeting = `# Houston. Ctrl-Enter runs the operation the cursor is in,
# Ctrl-Space completes; SCHEMA and DOCS list everything.
#
# The first user becomes System Admin:
#   mutation {
#     createUser(
#       email: "you@example.com"
#       password: "8 characters or more"
#     ) { token { value } }
#   }
# Later, createToken(identity: …, password: …) signs in.
#
# Put the token into HTTP HEADERS below:
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

// JSON in a script: a "<" could otherwise end it.
const inlineJson = (value: unknown) => JSON.stringify(value).replaceAll("<", "\\u003c");

const startScript = (endpoint: string, subscriptions: string) => `
addEventListener("load", () => {
  const endpoint = ${inlineJson(endpoint)};
  const subscriptionEndpoint = location.origin.replace(/^http/, "ws") + ${inlineJson(subscriptions)};
  const options = { endpoint, subscriptionEndpoint, setTitle: true, settings: ${inlineJson(settings)} };
  // Only on the first visit: later ones find their tabs, and the token in them, as they were left.
  if (!localStorage.getItem("graphql-playground")) {
    options.tabs = [{
      name: "Welcome", endpoint: location.origin + endpoint,
      query: ${inlineJson(greeting)}, headers: { authorization: "" },
    }];
  }
  GraphQLPlayground.init(document.getElementById("root"), options);
});
`;

/**
 * GraphQL Playground for `endpoint`, with subscriptions at the path `subscriptions`. `assets` is the path of its files, `version`
 * changes when they do.
 */
export function playgroundPage(endpoint: string, subscriptions: string, assets: string, version: string): Page {
  const script = startScript(endpoint, subscriptions);
  const url = (name: string) => `${assets}/${name}?v=${version}`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Houston – GraphQL Playground</title>
<link rel="icon" type="image/png" href="${url("favicon.png")}">
<link rel="stylesheet" href="${url("playground.css")}">
<style>html, body, #root { height: 100%; background: #172a3a; }</style>
<script src="${url("playground.js")}" defer></script>
</head>
<body>
<div id="root"></div>
<noscript>GraphQL Playground needs JavaScript. The API itself takes POST requests at this address.</noscript>
<script>${script}</script>
</body>
</html>
`;
  // No other host at all: the page holds the caller's token, and a link can make it open a tab for any endpoint.
  const contentSecurityPolicy = [
    "default-src 'none'",
    `script-src 'self' 'sha256-${createHash("sha256").update(script).digest("base64")}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return { html, contentSecurityPolicy };
}

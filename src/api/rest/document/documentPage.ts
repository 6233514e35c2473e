import { createHash } from "node:crypto";
import { inlineJson } from "../../http/inlineJson.ts";
import { type Page, policyOf } from "../../http/sendPage.ts";

const settings = {
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 3,
  displayRequestDuration: true,
  filter: true,
  operationsSorter: "alpha",
  // It would be a request to another host.
  validatorUrl: null,
};

/** The token is kept until the tab is closed. Swagger UI would keep it for good. */
const keepToken = `
const name = "houston-platform-api";
const keep = (change) => (original) => (...args) => {
  change(...args);
  return original(...args);
};
const keeping = {
  statePlugins: {
    auth: {
      wrapActions: {
        authorize: keep(({ JWT }) => JWT && sessionStorage.setItem(name, JWT.value)),
        logout: keep(() => sessionStorage.removeItem(name)),
      },
    },
  },
};
`;

/** Swagger UI has dark colors, but only its top bar, which is not shown here, would turn them on. */
const followColorScheme = `
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();
`;

const startScript = (document: string) => `
${followColorScheme}
addEventListener("load", () => {
  ${keepToken}
  const ui = SwaggerUIBundle({
    ...${inlineJson(settings)},
    url: ${inlineJson(document)},
    plugins: [keeping],
    onComplete() {
      const token = sessionStorage.getItem(name);
      if (token) ui.preauthorizeApiKey("JWT", token);
    },
  });
});
`;

/** Swagger UI for `document`. `assets` is the path of its files; `version` changes when they do. */
export function documentPage(document: string, assets: string, version: string): Page {
  const script = startScript(document);
  const url = (name: string) => `${assets}/${name}?v=${version}`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Houston – Platform API</title>
<link rel="icon" type="image/png" href="${url("favicon.png")}">
<link rel="stylesheet" href="${url("swagger-ui.css")}">
<script src="${url("swagger-ui.js")}" defer></script>
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page requires JavaScript. The document that it shows is at <a href="${document}">${document}</a>.</noscript>
<script>${script}</script>
</body>
</html>
`;
  // No other hosts: the page contains the caller's token.
  const contentSecurityPolicy = policyOf(
    `script-src 'self' 'sha256-${createHash("sha256").update(script).digest("base64")}'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
  );
  return { html, contentSecurityPolicy };
}

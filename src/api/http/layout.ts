import { createHash } from "node:crypto";
import { type Page, policyOf } from "./sendPage.ts";

/** Of every page: colors for light and dark, one card, links. */
const base = `
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

/** What a page has in addition to its text. */
interface Extras {
  /** CSS after that of every page. */
  style?: string;
  /** JavaScript at the end of the page. */
  script?: string | undefined;
  /** Further sources of its policy. */
  sources?: readonly string[];
}

/** A page of `title` and `body`, both HTML. Its policy allows its own style and script, and nothing else. */
export function layout(title: string, body: string, { style = "", script, sources = [] }: Extras = {}): Page {
  const css = `${base}${style}`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${css}</style>
</head>
<body>
<main>
${body}
</main>${script === undefined ? "" : `\n<script>${script}</script>`}
</body>
</html>
`;
  const scripts = script === undefined ? [] : [`script-src ${hashOf(script)}`];
  return {
    html,
    contentSecurityPolicy: policyOf(`style-src ${hashOf(css)}`, ...scripts, "img-src data:", ...sources),
  };
}

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

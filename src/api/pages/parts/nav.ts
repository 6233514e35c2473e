import { form } from "./fields.ts";
import { type Html, html } from "./html.ts";
import type { OwnVisit } from "./pageRoute.ts";

const places = { start: ["./", "Start"], account: ["account", "Account"], token: ["token", "Token"] } as const;

/** The way around for someone who is signed in, and out. */
export function nav(visit: OwnVisit, current: keyof typeof places): Html {
  const links = Object.entries(places).map(
    ([name, [href, label]]) => html`<a href="${href}"${name === current && html` aria-current="page"`}>${label}</a>`,
  );
  const signOut = form(visit, { action: "sign-out", button: "Sign out", visitor: visit.visitor, quiet: true });
  return html`<nav aria-label="Pages">${links}${signOut}</nav>`;
}

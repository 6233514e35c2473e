import { providersOf } from "../../../services/signOn/providers.ts";
import { START_PATH } from "../../../services/signOn/signOnUrls.ts";
import { type Html, html } from "./html.ts";
import type { Visit } from "./visit.ts";

interface To {
  /** Where to go after signing in. */
  rd?: string | undefined;
  inviteToken?: string | undefined;
  /** Only this provider, if it is still enabled. */
  only?: string | undefined;
  /** The words before the name of the provider. */
  words?: string;
}

/** Links that begin a sign-in with the enabled identity providers; nothing without one. */
export function providerLinks(
  visit: Visit,
  { rd, inviteToken, only, words = "Sign in with" }: To = {},
): Html | undefined {
  const providers = providersOf(visit.ctx.config).filter(({ name }) => only === undefined || name === only);
  if (providers.length === 0) return undefined;
  const start = `${visit.root}${visit.ctx.config.webserver.endpoint.replace(/^\/+|\/+$/g, "")}/${START_PATH}`;
  const links = providers.map(({ name, settings }) => {
    const query = new URLSearchParams({
      provider: name,
      ...(rd !== undefined && { redirect: rd }),
      ...(inviteToken !== undefined && { inviteToken }),
    });
    return html`<li><a class="button quiet" href="${start}?${query.toString()}">${words} ${settings.displayName}</a></li>`;
  });
  return html`<ul class="providers">${links}</ul>`;
}

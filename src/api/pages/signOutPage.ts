import { pagesUrl } from "../../platform/config/config.ts";
import { idTokenOf } from "../../services/signOn/idToken.ts";
import { providerNamed } from "../../services/signOn/providers.ts";
import { removeSession } from "./parts/cookies.ts";
import { form } from "./parts/fields.ts";
import { html } from "./parts/html.ts";
import type { OwnVisit, PageRoute, View } from "./parts/pageRoute.ts";
import { endSession } from "./parts/signIn.ts";

/**
 * Ends the session of the browser, and removes its cookies. If an identity provider started it, a link ends the session there:
 * browsers do not let a form lead to another site here.
 */
export const signOutPage: PageRoute = {
  path: "sign-out",
  access: "user",
  show: (visit) => ({
    title: "Sign out",
    body: html`<h1>Sign out</h1>
<p>You are signed in as ${visit.visitor.email ?? visit.visitor.username}. Signing out also ends the token that the page
“Token” shows.</p>
${form(visit, { action: "sign-out", button: "Sign out", visitor: visit.visitor })}
<p class="more"><a href="./">Stay signed in</a></p>`,
  }),
  async submit(visit) {
    const { visitor, reply, site } = visit;
    const atProvider = await providerSignOut(visit);
    await endSession(visitor.ctx);
    removeSession(reply, site);
    return atProvider ? endedHere(atProvider) : { redirect: "login?done=signedOut" };
  },
};

interface AtProvider {
  url: string;
  name: string;
}

/** Where the session at the provider ends; undefined for a password, and for a provider without such a place. */
async function providerSignOut({ signOn, visitor }: OwnVisit): Promise<AtProvider | undefined> {
  const { ctx, provider, sessionId } = visitor;
  const client = provider === null ? undefined : signOn.get(provider);
  const known = provider === null ? undefined : providerNamed(ctx.config, provider);
  if (!client || !known) return undefined;
  try {
    const idToken = await idTokenOf(ctx, sessionId);
    const url = await client.endSessionUrl(idToken, `${pagesUrl(ctx.config)}/login`);
    return url && { url: url.href, name: known.settings.displayName };
  } catch {
    // The provider does not answer: the session here ends all the same.
    return undefined;
  }
}

const endedHere = ({ url, name }: AtProvider): View => ({
  title: "Signed out",
  body: html`<h1>You are signed out</h1>
<p>You are still signed in at ${name}: whoever uses this browser can sign in here again without a password.</p>
<p class="more"><a class="button" href="${url}">Sign out of ${name} too</a><a href="login">Sign in</a></p>`,
});

import type { Context } from "../../access/context.ts";
import type { QueryAuthConfigArgs } from "../../generated/resolvers.ts";
import { providersOf } from "../signOn/providers.ts";
import { startUrl } from "../signOn/signOnUrls.ts";
import { hasUsers } from "../users/firstSignUp.ts";

/** What clients pass on to the provider's sign-in: where to go afterwards, and the token of an invitation. */
type Given = Partial<Pick<QueryAuthConfigArgs, "redirect" | "inviteToken">>;

/** The configured ways to sign up and sign in. `initialSignup` is true while there are no users. */
export async function authConfig({ config, db }: Context, { redirect, inviteToken }: Given = {}) {
  const { local, github, openidConnect } = config.auth;
  const providers = providersOf(config).map(({ name, settings }) => ({
    name,
    displayName: settings.displayName,
    url: startUrl(config, name, { redirect, inviteToken }),
  }));
  const initialSignup = !(await hasUsers(db));
  return {
    publicSignup: config.publicSignups || initialSignup,
    externalSignupUrl: config.externalSignupUrl,
    initialSignup,
    localEnabled: local.enabled,
    googleEnabled: openidConnect.google.enabled,
    githubEnabled: github.enabled,
    auth0Enabled: openidConnect.auth0.enabled,
    googleOAuthUrl: providers.find(({ name }) => name === "google")?.url ?? null,
    providers,
  };
}

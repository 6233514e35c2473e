import type { Context } from "../../access/context.ts";
import { hasUsers } from "../users/firstSignUp.ts";

/** The configured ways to sign up and sign in. `initialSignup` is true while there are no users. */
export async function authConfig({ config, db }: Context) {
  const { local, github, openidConnect } = config.auth;
  const initialSignup = !(await hasUsers(db));
  return {
    publicSignup: config.publicSignups || initialSignup,
    externalSignupUrl: config.externalSignupUrl,
    initialSignup,
    localEnabled: local.enabled,
    googleEnabled: openidConnect.google.enabled,
    githubEnabled: github.enabled,
    auth0Enabled: openidConnect.auth0.enabled,
    googleOAuthUrl: null,
    providers: [],
  };
}

import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretPost,
  Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  None,
} from "openid-client";
import { z } from "zod";
import type { Config } from "../../platform/config/config.ts";
import { canonicalAddress } from "../../platform/input/emailAddress.ts";
import { asRefused } from "./asRefused.ts";
import type { Fetch } from "./boundedFetch.ts";
import type { ProviderClient } from "./createSignOn.ts";
import { domainOf, fullNameOf } from "./profile.ts";
import { SignOnRefused } from "./refused.ts";
import { callbackUrl } from "./signOnUrls.ts";

const GithubUser = z.object({ id: z.number(), name: z.string().nullish() });
const Emails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));

/** A client for GitHub, which has OAuth without OpenID Connect: its API says who signed in. Only a verified address counts. */
export function githubClient(
  config: Config,
  settings: Config["auth"]["github"],
  fetchFromProvider: Fetch,
): ProviderClient {
  const issuer = settings.url.replace(/\/+$/, "");
  const api = settings.apiUrl.replace(/\/+$/, "");
  const redirectUri = callbackUrl(config);

  function connect(): Configuration {
    const { clientId, clientSecret } = settings;
    const connection = new Configuration(
      {
        issuer,
        authorization_endpoint: `${issuer}/login/oauth/authorize`,
        token_endpoint: `${issuer}/login/oauth/access_token`,
      },
      clientId ?? "",
      {},
      clientSecret === null ? None() : ClientSecretPost(clientSecret),
    );
    connection[customFetch] = fetchFromProvider as never;
    if (issuer.startsWith("http:")) allowInsecureRequests(connection);
    return connection;
  }

  async function read<T>(path: string, accessToken: string, schema: z.ZodType<T>): Promise<T> {
    const headers = {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${accessToken}`,
      "user-agent": "houston",
    };
    const response = await fetchFromProvider(`${api}${path}`, { headers });
    if (response.status !== 200)
      throw new SignOnRefused("invalid", `${path} answered with HTTP status ${response.status}`);
    return schema.parse(await response.json());
  }

  return {
    authorizationUrl: (proofs) =>
      asRefused(async () =>
        buildAuthorizationUrl(connect(), {
          redirect_uri: redirectUri,
          scope: "read:user user:email",
          state: proofs.state,
          code_challenge: await calculatePKCECodeChallenge(proofs.codeVerifier),
          code_challenge_method: "S256",
        }),
      ),

    profile: (answer, proofs) =>
      asRefused(async () => {
        const { access_token } = await authorizationCodeGrant(connect(), new URL(`${redirectUri}?${answer}`), {
          pkceCodeVerifier: proofs.codeVerifier,
          expectedState: proofs.state,
        });
        const user = await read("/user", access_token, GithubUser);
        const emails = await read("/user/emails", access_token, Emails);
        const primary = emails.find((one) => one.primary && one.verified);
        const email = primary && canonicalAddress(primary.email);
        return {
          provider: "github",
          issuer,
          subject: String(user.id),
          email,
          emailVerified: email !== undefined,
          emailListed: email !== undefined && settings.emailDomains.includes(domainOf(email)),
          fullName: fullNameOf(user.name),
          groups: undefined,
          idToken: undefined,
        };
      }),

    endSessionUrl: async () => undefined,
  };
}

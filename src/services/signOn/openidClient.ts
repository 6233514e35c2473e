import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
} from "openid-client";
import type { Services } from "../../access/context.ts";
import type { Config } from "../../platform/config/config.ts";
import { isSafeUrl } from "../../platform/config/signOn.ts";
import { asRefused } from "./asRefused.ts";
import type { Fetch } from "./boundedFetch.ts";
import type { Proofs, ProviderClient } from "./createSignOn.ts";
import { graphGroups } from "./graphGroups.ts";
import { groupsIn, hasGroups } from "./groupsIn.ts";
import { addressIn, type Claims, fullNameOf, type Profile } from "./profile.ts";
import { createProviderDocuments } from "./providerDocuments.ts";
import type { OpenidProvider } from "./providers.ts";
import { SignOnRefused } from "./refused.ts";
import { callbackUrl } from "./signOnUrls.ts";
import { subjectOf } from "./subjectOf.ts";

/** Longest time for one request of the library, in seconds. Ours are shorter. */
const TIMEOUT = 15;

/** ID tokens that are longer do not fit into a URL, and are not kept for the sign-out. */
const MAX_HINT = 4_000;

/** A client for one OpenID Connect provider: authorization code with PKCE. */
export function openidClient(
  { config, log }: Pick<Services, "config" | "log">,
  provider: OpenidProvider,
  fetchFromProvider: Fetch,
): ProviderClient {
  const { settings } = provider;
  const fetchOf = createProviderDocuments(fetchFromProvider);
  const redirectUri = callbackUrl(config);

  /** One for each sign-in: the library keeps keys in it, in its own way. The documents are kept for all. */
  async function connect(): Promise<Configuration> {
    const { clientId, clientSecret, discoveryUrl } = settings;
    // With the whole URL, the library would not check the issuer.
    const issuer = new URL(
      (discoveryUrl ?? "").replace(/\/\.well-known\/openid-configuration\/?$/, "").replace(/\/+$/, ""),
    );
    const authentication =
      settings.tokenEndpointAuthMethod === "client_secret_post" ? ClientSecretPost : ClientSecretBasic;
    const metadata = { [clockTolerance]: config.auth.openidConnect.clockTolerance };
    const connection = await discovery(
      issuer,
      clientId ?? "",
      metadata,
      clientSecret === null ? None() : authentication(clientSecret),
      {
        [customFetch]: fetchOf() as never,
        timeout: TIMEOUT,
        ...(issuer.protocol === "http:" && { execute: [allowInsecureRequests] }),
      },
    );
    enableNonRepudiationChecks(connection);
    return connection;
  }

  return {
    authorizationUrl: (proofs) =>
      asRefused(async () => {
        const extra = Object.entries(settings.authUrlParams).filter((entry): entry is [string, string] => !!entry[1]);
        const [hosted, ...others] = provider.google?.hostedDomains ?? [];
        const url = buildAuthorizationUrl(await connect(), {
          ...Object.fromEntries(extra),
          // A hint for the page of the provider; the claim is what counts.
          ...(hosted !== undefined && { hd: others.length === 0 ? hosted : "*" }),
          redirect_uri: redirectUri,
          scope: settings.scope,
          state: proofs.state,
          nonce: proofs.nonce,
          code_challenge: await calculatePKCECodeChallenge(proofs.codeVerifier),
          code_challenge_method: "S256",
        });
        if (!isSafeUrl(url.href)) throw new SignOnRefused("unavailable", "The authorization endpoint is not https");
        return url;
      }),

    profile: (answer, proofs) => asRefused(async () => profileOf(await connect(), answer, proofs)),

    endSessionUrl: (idToken, returnTo) =>
      asRefused(async () => {
        const connection = await connect();
        if (connection.serverMetadata().end_session_endpoint === undefined) return undefined;
        return buildEndSessionUrl(connection, {
          post_logout_redirect_uri: returnTo,
          ...(idToken !== undefined && { id_token_hint: idToken }),
        });
      }),
  };

  async function profileOf(connection: Configuration, answer: URLSearchParams, proofs: Proofs): Promise<Profile> {
    const tokens = await authorizationCodeGrant(connection, new URL(`${redirectUri}?${answer}`), {
      pkceCodeVerifier: proofs.codeVerifier,
      expectedState: proofs.state,
      expectedNonce: proofs.nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (!claims || tokens.id_token === undefined) throw new SignOnRefused("invalid", "There is no ID token");
    const subject = subjectOf(provider, claims);
    const all = [claims, ...(await userInfo(connection, tokens.access_token, claims))];
    const name = all.map((one) => fullNameOf(one[settings.claimsMapping.name])).find((text) => text !== "");
    const { end_session_endpoint: endSession } = connection.serverMetadata();
    return {
      provider: provider.name,
      issuer: claims.iss,
      subject,
      ...addressIn(all, settings),
      fullName: name ?? "",
      groups: await groupsOf(connection, all),
      idToken: endSession !== undefined && tokens.id_token.length <= MAX_HINT ? tokens.id_token : undefined,
    };
  }

  /** What the userinfo endpoint says, if the ID token says too little. */
  async function userInfo(connection: Configuration, accessToken: string, claims: Claims): Promise<Claims[]> {
    const { email, groups } = settings.claimsMapping;
    const isThin = claims[email] === undefined || (wantsGroups(config) && !hasGroups([claims], groups));
    const isOffered = connection.serverMetadata().userinfo_endpoint !== undefined;
    if (!isOffered || !(isThin || settings.fetchUserInfo)) return [];
    return [await fetchUserInfo(connection, accessToken, String(claims.sub))];
  }

  async function groupsOf(connection: Configuration, all: readonly Claims[]): Promise<readonly string[] | undefined> {
    if (!wantsGroups(config)) return undefined;
    const groups = groupsIn(all, settings.claimsMapping.groups);
    if (groups !== undefined || !provider.microsoft?.fetchGroups) return groups;
    try {
      return await graphGroups(connection, provider.microsoft, String(all[0]?.oid), fetchFromProvider);
    } catch (error) {
      log.warn({ err: error, provider: provider.name }, "Could not fetch groups: the person keeps their teams");
      return undefined;
    }
  }
}

/** Whether the groups of people are read at all. */
const wantsGroups = ({ auth }: Pick<Config, "auth">) =>
  auth.openidConnect.idpGroupsImportEnabled || auth.openidConnect.manageSystemPermissionsViaIdpGroups.enabled;

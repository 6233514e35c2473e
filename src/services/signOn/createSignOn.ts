import type { Services } from "../../access/context.ts";
import { rejectBeyond } from "../../platform/concurrency.ts";
import { boundedFetch, type Fetch } from "./boundedFetch.ts";
import { githubClient } from "./githubClient.ts";
import { openidClient } from "./openidClient.ts";
import type { PendingSignOn } from "./pendingSignOn.ts";
import type { Profile } from "./profile.ts";
import { type Provider, providersOf } from "./providers.ts";
import { SignOnRefused } from "./refused.ts";

/** What a request to a provider is bound to: values that only this browser's sign-in has. */
export type Proofs = Pick<PendingSignOn, "state" | "nonce" | "codeVerifier">;

/** Signs people in with one provider. All methods throw SignOnRefused. */
export interface ProviderClient {
  /** The URL at the provider where someone signs in. */
  authorizationUrl(proofs: Proofs): Promise<URL>;
  /** Who signed in, from the query with which the provider sent them back. */
  profile(answer: URLSearchParams, proofs: Proofs): Promise<Profile>;
  /** The URL that ends the session at the provider and leads to `returnTo`; undefined if the provider offers none. */
  endSessionUrl(idToken: string | undefined, returnTo: string): Promise<URL | undefined>;
}

/**
 * Maximum number of people who wait for one provider at a time. Others are refused at once, so that a provider that is slow holds
 * up nobody else: Houston refuses further requests of any kind when several hundred are in progress.
 */
const MAX_WAITING = 30;

/** The clients of the enabled providers, by name. */
export type SignOn = ReadonlyMap<string, ProviderClient>;

/** Creates the clients. Nothing is fetched before somebody signs in. `given.fetch` replaces the requests of tests. */
export function createSignOn({ config, log }: Pick<Services, "config" | "log">, given: { fetch?: Fetch } = {}): SignOn {
  const fetchFromProvider = given.fetch ?? boundedFetch;
  const clientOf = (provider: Provider): ProviderClient => {
    const client =
      provider.kind === "github"
        ? githubClient(config, provider.settings, fetchFromProvider)
        : openidClient({ config, log }, provider, fetchFromProvider);
    return limited(client);
  };
  warnAbout(config, log);
  return new Map(providersOf(config).map((provider) => [provider.name, clientOf(provider)]));
}

/** Settings that are allowed and hardly meant. */
function warnAbout(config: Services["config"], log: Services["log"]): void {
  const { local, openidConnect } = config.auth;
  const providers = providersOf(config);
  for (const { kind, name, settings } of providers) {
    const key = kind === "github" ? "auth.github" : `auth.openidConnect.${name}`;
    if (settings.clientSecret === null) {
      log.warn(`${key}.clientSecret is not set: Houston is a public client there, which few providers allow`);
    }
  }
  if (!local.enabled && providers.length === 0) {
    log.warn("auth.local.enabled is false, and no identity provider is enabled: only System Admins can sign in");
  }
  const { enabled, ...groups } = openidConnect.manageSystemPermissionsViaIdpGroups;
  if (enabled && Object.values(groups).every((names) => names.length === 0)) {
    log.warn(
      "auth.openidConnect.manageSystemPermissionsViaIdpGroups names no group: whoever signs in with a provider loses all system roles",
    );
  }
}

function limited(client: ProviderClient): ProviderClient {
  const limit = rejectBeyond(MAX_WAITING);
  const orRefused = <T>(work: () => Promise<T>) =>
    limit(work).catch((error: unknown) => {
      throw error instanceof SignOnRefused ? error : new SignOnRefused("unavailable", error);
    });
  return {
    authorizationUrl: (proofs) => orRefused(() => client.authorizationUrl(proofs)),
    profile: (answer, proofs) => orRefused(() => client.profile(answer, proofs)),
    endSessionUrl: (idToken, returnTo) => orRefused(() => client.endSessionUrl(idToken, returnTo)),
  };
}

import type { Config, DeepPartial } from "../../src/platform/config/config.ts";
import { testHouston } from "./houston.ts";
import { type IdentityProvider, identityProvider } from "./identityProvider.ts";
import { openKnownPort } from "./knownPort.ts";
import { createVisitor, type PageAnswer } from "./pagesClient.ts";

type Providers = Config["auth"]["openidConnect"];

/**
 * Starts Houston with providers on loopback, until the end of the file: one for each name in `settings`, which adds to the
 * settings of that provider; `thin` ones have claims at the userinfo endpoint only.
 */
export async function signOnHouston<Name extends "custom" | "okta" | "microsoft" | "google">(
  settings: { [name in Name]: DeepPartial<Providers[name]> & { thin?: boolean } },
  { auth, webserver, ...overrides }: DeepPartial<Config> = {},
) {
  const known = await openKnownPort();
  const base = webserver?.publicUrl ?? `http://127.0.0.1:${known.port}`;
  const redirectUris = [`${base}/v1/oauth/callback`];
  const idps = {} as Record<Name, IdentityProvider>;
  const openidConnect: Record<string, unknown> = { ...auth?.openidConnect };
  for (const [name, { thin, ...own }] of Object.entries(settings) as [Name, { thin?: boolean }][]) {
    const idp = await identityProvider({
      redirectUris,
      postLogoutRedirectUris: [`${base}/app/login`, `${base}/login`],
      ...(thin && { thin }),
    });
    idps[name] = idp;
    const { clientId, clientSecret, issuer: discoveryUrl } = idp;
    const shared = { enabled: true, clientId, clientSecret, discoveryUrl };
    openidConnect[name] = { ...shared, tokenEndpointAuthMethod: "client_secret_basic", ...own };
  }
  const houston = await testHouston({
    ...overrides,
    webserver: { ...webserver, publicUrl: base },
    auth: { ...auth, openidConnect: openidConnect as DeepPartial<Providers> },
  });
  known.leadTo(houston.url);
  return { ...houston, base, idps, browser: () => createSignOnVisitor(base) };
}

/** A browser without JavaScript that follows the redirects between Houston, at `base`, and a provider. */
export function createSignOnVisitor(base: string) {
  const visitors = new Map<string, ReturnType<typeof createVisitor>>();
  const at = (url: string) => {
    const { origin } = new URL(url);
    const visitor = visitors.get(origin) ?? createVisitor(origin);
    visitors.set(origin, visitor);
    return visitor;
  };

  /** The answer at the end of all redirects, or before the one to `until`, and its URL. */
  async function go(path: string, until?: (url: string) => boolean): Promise<PageAnswer & { url: string }> {
    let url = new URL(path, `${base}/`).href;
    for (let count = 0; count < 20; count += 1) {
      if (until?.(url)) return { url, status: 0, headers: new Headers(), text: "" };
      const answer = await at(url).go(url);
      const location = answer.headers.get("location");
      if (location === null) return { ...answer, url };
      url = new URL(location, url).href;
    }
    throw new Error(`too many redirects, the last one to ${url}`);
  }

  /** Starts to sign in, and stops where the provider sends the browser back. */
  const toCallback = async (provider: string, query = "") =>
    (await go(`v1/oauth/login?provider=${provider}${query}`, (url) => url.includes("/oauth/callback"))).url;

  return {
    go,
    toCallback,
    /** Signs in with a provider. */
    signIn: (provider: string, query = "") => go(`v1/oauth/login?provider=${provider}${query}`),
    /** The browser at Houston. */
    houston: at(base),
    /** Forgets its session at the providers. */
    forgetProviders() {
      for (const origin of visitors.keys()) if (origin !== new URL(base).origin) visitors.delete(origin);
    },
  };
}

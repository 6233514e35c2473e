import type { Config } from "../../platform/config/config.ts";

/** The settings of an OpenID Connect provider. */
export type OpenidSettings = Config["auth"]["openidConnect"]["custom"];

/** An identity provider that is enabled. */
export type Provider = {
  /** Its name in the configuration, and that of its teams. */
  name: string;
} & (
  | { kind: "openid"; settings: OpenidSettings; google?: GoogleSettings; microsoft?: MicrosoftSettings }
  | { kind: "github"; settings: Config["auth"]["github"] }
);

/** A provider that speaks OpenID Connect. */
export type OpenidProvider = Extract<Provider, { kind: "openid" }>;

type GoogleSettings = Config["auth"]["openidConnect"]["google"];
type MicrosoftSettings = Config["auth"]["openidConnect"]["microsoft"];

/** The enabled identity providers, in the order of the configuration. */
export function providersOf({ auth }: Pick<Config, "auth">): Provider[] {
  const { google, microsoft } = auth.openidConnect;
  const openid = Object.entries(auth.openidConnect)
    .filter(isEnabled)
    .map(
      ([name, settings]): Provider => ({
        name,
        kind: "openid",
        settings,
        ...(name === "google" && { google }),
        ...(name === "microsoft" && { microsoft }),
      }),
    );
  return auth.github.enabled ? [...openid, { name: "github", kind: "github", settings: auth.github }] : openid;
}

/** The enabled provider with this name; undefined if there is none. */
export const providerNamed = (config: Pick<Config, "auth">, name: string): Provider | undefined =>
  providersOf(config).find((provider) => provider.name === name);

/** Other groups below `auth.openidConnect` are no providers: they have no client. */
function isEnabled(entry: [string, unknown]): entry is [string, OpenidSettings] {
  const value = entry[1];
  return (
    typeof value === "object" && value !== null && "clientId" in value && "enabled" in value && value.enabled === true
  );
}

import { type Config, pagesUrl } from "../../platform/config/config.ts";

type Addresses = Pick<Config, "webserver" | "helm" | "ui" | "subdomainHttpsEnabled">;

/** The origin of the pages, whose cookies a sign-in needs. From settings only: a Host header cannot be trusted. */
const at = (config: Addresses, path: string) =>
  `${new URL(pagesUrl(config)).origin}${config.webserver.endpoint.replace(/\/+$/, "")}${path}`;

/** Paths below `webserver.endpoint`. */
export const START_PATH = "oauth/login";
export const CALLBACK_PATH = "oauth/callback";

/** The URL to which providers send people back. */
export const callbackUrl = (config: Addresses): string => at(config, `/${CALLBACK_PATH}`);

/** The URL that begins a sign-in. Values that are undefined or null are left out. */
export function startUrl(
  config: Addresses,
  provider: string,
  given: { redirect?: string | null | undefined; inviteToken?: string | null | undefined } = {},
): string {
  const url = new URL(at(config, `/${START_PATH}`));
  url.searchParams.set("provider", provider);
  for (const [name, value] of Object.entries(given)) if (value) url.searchParams.set(name, value);
  return url.href;
}

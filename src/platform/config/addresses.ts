import { parseSender, type Sender } from "../input/parseSender.ts";
import type { Config } from "./schema.ts";

/** The default of `helm.baseDomain`: the platform has no domain. */
export const NO_DOMAIN = "localhost";

/** Where the pages for people are served on every host. */
export const PAGES_PATH = "/app";

/** The settings that the platform's own addresses are built from. */
export interface AddressSettings {
  webserver: Pick<Config["webserver"], "publicUrl" | "port">;
  ui: { subdomain: string };
  helm: { baseDomain: string };
  subdomainHttpsEnabled: boolean;
}

/**
 * Base URL of the platform's pages, without a slash at the end: `<ui.subdomain>.<helm.baseDomain>`, with the scheme and
 * port of `webserver.publicUrl` if set. Without a base domain they are below `/app` of `webserver.publicUrl`, or of this
 * machine's `http://localhost:<webserver.port>`.
 */
export function pagesUrl(settings: AddressSettings): string {
  const { webserver, ui, helm } = settings;
  if (helm.baseDomain !== NO_DOMAIN) return `${hostUrl(settings, `${ui.subdomain}.${helm.baseDomain}`)}`;
  return `${(webserver.publicUrl ?? `http://localhost:${webserver.port}`).replace(/\/+$/, "")}${PAGES_PATH}`;
}

/**
 * `https://<host>`, with the scheme and port of `webserver.publicUrl` if set; a port that `host` has takes precedence.
 */
export function hostUrl(
  { webserver, subdomainHttpsEnabled }: Pick<AddressSettings, "webserver" | "subdomainHttpsEnabled">,
  host: string,
): string {
  if (webserver.publicUrl === null) return `${subdomainHttpsEnabled ? "https" : "http"}://${host}`;
  const { protocol, port } = new URL(webserver.publicUrl);
  return `${protocol}//${host}${port === "" || host.includes(":") ? "" : `:${port}`}`;
}

/** The sender of e-mails: `email.reply`, or the name of the platform at `noreply@<helm.baseDomain>`. */
export function senderOf({ email, appSubName, helm }: Pick<Config, "email" | "appSubName" | "helm">): Sender {
  const given = email.reply === null ? undefined : parseSender(email.reply);
  return given ?? { name: appSubName, address: `noreply@${helm.baseDomain.replace(/:\d+$/, "")}` };
}

import { type Config, hostUrl, NO_DOMAIN, pagesUrl } from "../../../platform/config/config.ts";

/** Where the pages are, as browsers see it. */
export interface Site {
  /** Whether they are served over https: then cookies are too. */
  secure: boolean;
  /** `https://app.example.com`. */
  origin: string;
  /** The host that has them at `/`, without port; undefined without a base domain. */
  host: string | undefined;
  /** `helm.baseDomain` without port; undefined without a base domain. */
  base: string | undefined;
  /** Of the platform's hosts; "" is the default of the scheme. */
  port: string;
  /** Sources of a Content-Security-Policy that stand for all hosts of the platform. */
  platformSources: readonly string[];
}

/** The site that the settings describe. */
export function siteOf(config: Config): Site {
  const { origin, protocol, hostname, port } = new URL(pagesUrl(config));
  const { baseDomain } = config.helm;
  const base = baseDomain === NO_DOMAIN ? undefined : baseDomain.replace(/:\d+$/, "").toLowerCase();
  const platformSources = base === undefined ? [] : [hostUrl(config, baseDomain), hostUrl(config, `*.${baseDomain}`)];
  const host = base === undefined ? undefined : hostname;
  return { secure: protocol === "https:", origin, host, base, port, platformSources };
}

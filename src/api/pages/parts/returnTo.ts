import type { Site } from "./site.ts";

/** Longest address to go to after signing in, in characters. */
const MAX = 2_000;

/** Browsers ignore some of these in URLs, and take a backslash for a slash. */
const MISREAD = /[\s\\\p{Cc}]/u;

/** Any origin that no page has. */
const NOWHERE = "http://nowhere.invalid";

/**
 * Where to go after signing in, from the parameter `rd`: a page of this site by its name, a path, or a URL of a host of
 * the platform. Undefined for anything else, so that a link to the sign-in page cannot lead elsewhere.
 */
export function returnTo(rd: string | undefined, site: Site): string | undefined {
  if (rd === undefined || rd === "" || rd.length > MAX || MISREAD.test(rd)) return undefined;
  if (/^[a-z-]+$/.test(rd)) return rd;
  return rd.startsWith("/") ? pathIn(rd) : urlIn(rd, site);
}

function pathIn(rd: string): string | undefined {
  const url = URL.canParse(rd, NOWHERE) ? new URL(rd, NOWHERE) : undefined;
  // "/.//host" has become "//host", which is another host.
  if (url?.origin !== NOWHERE || url.pathname.startsWith("//")) return undefined;
  return url.pathname + url.search + url.hash;
}

function urlIn(rd: string, { base, origin, port, secure }: Site): string | undefined {
  if (!/^https?:\/\//i.test(rd) || !URL.canParse(rd)) return undefined;
  const url = new URL(rd);
  // An ingress behind another proxy may not know that browsers use https.
  if (secure) url.protocol = "https:";
  if (url.username !== "" || url.password !== "") return undefined;
  if (url.origin === origin) return url.href;
  const isOurs = base !== undefined && (url.hostname === base || url.hostname.endsWith(`.${base}`));
  return isOurs && (url.port === port || url.port === "") ? url.href : undefined;
}

/**
 * The parameter `rd` of a query. nginx may append the URL as it is, so that its own parameters follow; and it is the last
 * one.
 */
export function rdOf(query: string): string | undefined {
  const raw = /(?:^|&)rd=(https?:\/\/[^/%&]+\/.*)$/i.exec(query)?.[1];
  return raw ?? new URLSearchParams(query).get("rd") ?? undefined;
}

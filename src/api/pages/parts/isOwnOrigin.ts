import type { IncomingHttpHeaders } from "node:http";
import type { Site } from "./site.ts";

/**
 * Whether a form was sent from one of our own pages, as the browser tells it in `sec-fetch-site`, or else in `origin`.
 * Without https, browsers send the former to this machine only. And pages whose URL contains a token ask for no referrer,
 * for which browsers say `null` instead of the origin: then the token of the form alone decides.
 */
export function isOwnOrigin(headers: IncomingHttpHeaders, site: Site): boolean {
  const { origin, host } = headers;
  const fetchSite = headers["sec-fetch-site"];
  if (fetchSite !== undefined) return fetchSite === "same-origin";
  if (origin === "null") return !site.secure;
  return origin !== undefined && (origin === site.origin || origin.replace(/^https?:\/\//, "") === host);
}

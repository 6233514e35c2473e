import type { FastifyReply } from "fastify";
import { AIRFLOW_COOKIE } from "../../edge/edgeCredential.ts";
import type { Site } from "./site.ts";

interface Cookie {
  name: string;
  value: string;
  /** In seconds; undefined: until the browser is closed. 0 removes the cookie. */
  maxAge?: number | undefined;
  /** Sent to this domain and all below it; undefined: only to this host. */
  domain?: string | undefined;
}

/**
 * The name of a cookie of this host. Over https it has a prefix with which browsers take it from this host only:
 * otherwise an Airflow below the base domain could set one that we would read.
 */
export const ownName = (site: Site, name: string) => (site.secure ? `__Host-${name}` : name);

/** The cookie that opens the pages. */
export const sessionCookie = (site: Site) => ownName(site, "houston_session");

/** The random value that forms are bound to before sign-in. */
export const formCookie = (site: Site) => ownName(site, "houston_form");

/** Adds a cookie to a response. */
export function setCookie(reply: FastifyReply, site: Site, { name, value, maxAge, domain }: Cookie): void {
  const parts = [
    `${name}=${value}`,
    "Path=/",
    domain !== undefined && `Domain=${domain}`,
    maxAge !== undefined && `Max-Age=${maxAge}`,
    "HttpOnly",
    site.secure && "Secure",
    "SameSite=Lax",
  ];
  const before = [reply.getHeader("set-cookie") ?? []].flat().map(String);
  reply.removeHeader("set-cookie");
  for (const cookie of [...before, parts.filter(Boolean).join("; ")]) reply.header("set-cookie", cookie);
}

/** The tokens of one session, and how many seconds it lasts. */
interface SessionTokens {
  pages: string;
  airflow: string;
  maxAge: number;
}

/** Sets the cookies of a session: one for the pages, and one for the Airflows below the base domain. */
export function setSession(reply: FastifyReply, site: Site, { pages, airflow, maxAge }: SessionTokens): void {
  setCookie(reply, site, { name: sessionCookie(site), value: pages, maxAge });
  if (site.base === undefined) return;
  setCookie(reply, site, { name: AIRFLOW_COOKIE, value: airflow, maxAge, domain: site.base });
}

/** Removes the cookies of a session. */
export const removeSession = (reply: FastifyReply, site: Site): void =>
  setSession(reply, site, { pages: "", airflow: "", maxAge: 0 });

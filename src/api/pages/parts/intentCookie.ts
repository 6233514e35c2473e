import { cookieOf } from "../../edge/edgeCredential.ts";
import { ownName, setCookie } from "./cookies.ts";
import type { Site } from "./site.ts";
import type { Visit } from "./visit.ts";

/**
 * What the next sign-in with an identity provider in this browser is for, besides signing in: `setupToken` makes the first user;
 * `linkSession` adds the account at the provider to the user of this session. Only a form of ours sets it, so a link of another
 * site cannot.
 */
export interface Intent {
  setupToken?: string;
  linkSession?: string;
}

const intentCookie = (site: Site) => ownName(site, "houston_intent");

/** What its encrypted value is bound to. */
const INTENT = "intent of a visitor";

/** How long it is kept, in seconds. */
const LIFETIME = 10 * 60;

/** Keeps an intent in the browser until the sign-in. */
export function keepIntent({ ctx, site, reply }: Visit, intent: Intent): void {
  const value = ctx.secrets.seal(JSON.stringify(intent), INTENT);
  setCookie(reply, site, { name: intentCookie(site), value, maxAge: LIFETIME });
}

/** The intent that the browser keeps, which ends with this; nothing without one. */
export function takeIntent({ ctx, site, reply }: Visit, cookies: string): Intent {
  const value = cookieOf(cookies, intentCookie(site));
  if (value === undefined) return {};
  setCookie(reply, site, { name: intentCookie(site), value: "", maxAge: 0 });
  try {
    return JSON.parse(ctx.secrets.open(value, INTENT)) as Intent;
  } catch {
    // Of another key, or not ours.
    return {};
  }
}

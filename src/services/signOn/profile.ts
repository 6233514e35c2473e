import { canonicalAddress } from "../../platform/input/emailAddress.ts";
import type { OpenidSettings } from "./providers.ts";

/** Who signed in, as the provider proved it. */
export interface Profile {
  /** Name of the provider. */
  provider: string;
  issuer: string;
  /** What the issuer calls the account, for ever. */
  subject: string;
  /** As addresses are stored; undefined if there is none. */
  email: string | undefined;
  /** Whether the provider says that the address belongs to the person. */
  emailVerified: boolean;
  /** Whether `emailDomains` lists its domain. */
  emailListed: boolean;
  fullName: string;
  /** Names of the groups; undefined if they are not known, or not imported. */
  groups: readonly string[] | undefined;
  /** For the sign-out at the provider; undefined if it offers none. */
  idToken: string | undefined;
}

/** What a provider said about a person. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * The e-mail address in the first of the claims that have one, and how far it is verified. An address in another claim than
 * `email`, such as `upn`, is given by the administrators of a directory and never verified: it counts for the listed domains.
 */
export function addressIn(all: readonly Claims[], { claimsMapping, emailDomains }: OpenidSettings) {
  const claim = claimsMapping.email;
  const given = all.map((claims) => claims[claim]).find((value) => typeof value === "string" && value !== "");
  const email = canonicalAddress(String(given ?? ""));
  if (email === undefined) return { email, emailVerified: false, emailListed: false };
  const saying = all.filter((claims) => canonicalAddress(String(claims[claim] ?? "")) === email);
  const says = (verified: boolean) =>
    saying.some(({ email_verified: value }) => value === verified || value === String(verified));
  const emailListed = emailDomains.includes(domainOf(email));
  const emailVerified = !says(false) && (says(true) || (claim !== "email" && emailListed));
  return { email, emailVerified, emailListed };
}

/** Whether the provider speaks for the address: then the account with it is the person's. */
export const isAddressTrusted = ({ emailVerified, emailListed }: Profile): boolean => emailVerified && emailListed;

/** The domain of an address, as it is stored. */
export const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1);

/** Longest full name, in characters. */
const MAX_NAME = 200;

/** The full name, without control characters; "" if there is none. */
export function fullNameOf(value: unknown): string {
  if (typeof value !== "string" || !value.isWellFormed()) return "";
  return value
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, MAX_NAME)
    .toWellFormed();
}

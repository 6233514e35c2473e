import { domainToASCII } from "node:url";
import { z } from "zod";

const MAX = 254;

// What an HTML e-mail field accepts (WHATWG HTML, "valid e-mail address"), with a domain in lower case.
const LOCAL_PART = /^[\w.!#$%&'*+/=?^`{|}~-]+$/;
const DOMAIN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

// domainToASCII parses a URL: it decodes %41, cuts "/x" off, and reads "1.2" as an IP address. None of that is a
// domain.
const URL_SYNTAX = /[^a-z0-9.\-\u0080-\u{10ffff}]/iu;
const IP_ADDRESS = /^[\d.]+$/;

/**
 * A domain in lower-case ASCII (`bücher.example` is `xn--bcher-kva.example`), or undefined for what is not a domain.
 */
export function asciiDomain(text: string): string | undefined {
  if (URL_SYNTAX.test(text)) return undefined;
  const isAscii = !/[\u0080-\u{10ffff}]/u.test(text);
  const domain = isAscii ? text.toLowerCase() : domainToASCII(text);
  if (!isAscii && IP_ADDRESS.test(domain)) return undefined;
  return domain.length <= MAX && DOMAIN.test(domain) ? domain : undefined;
}

/**
 * An e-mail address as it is stored and compared: in lower case, with its domain in ASCII. undefined for what an HTML
 * e-mail field would reject, and for more than 254 characters.
 */
export function canonicalAddress(text: string): string | undefined {
  const given = text.trim();
  const at = given.lastIndexOf("@");
  // Checked before the change of case, which turns other letters, such as the Kelvin sign, into ASCII.
  if (given.length > MAX || !LOCAL_PART.test(given.slice(0, Math.max(at, 0)))) return undefined;
  const domain = asciiDomain(given.slice(at + 1));
  if (domain === undefined) return undefined;
  const address = `${given.slice(0, at).toLowerCase()}@${domain}`;
  return address.length <= MAX ? address : undefined;
}

/** An address to look for: as it is stored, or the unchanged text, which no stored address is equal to. */
export const addressToFind = (text: string): string => canonicalAddress(text) ?? text;

/**
 * An e-mail address of at most 254 characters: what an HTML e-mail field accepts. Parsed into lower case, with the
 * domain in ASCII.
 */
export const EmailAddress = z
  .string("must be an e-mail address")
  .trim()
  .max(MAX, `must be an e-mail address of at most ${MAX} characters`)
  .overwrite(addressToFind)
  .refine((text) => canonicalAddress(text) !== undefined, "must be an e-mail address such as name@example.com");

/** An address to look for. Other text is accepted and finds nothing. */
export const AddressToFind = z.string("must be an e-mail address").overwrite(addressToFind);

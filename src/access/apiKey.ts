import { crc32 } from "node:zlib";
import { customAlphabet } from "nanoid";

/** The prefix of every API key, by which secret scanners and people recognize one. */
export const KEY_PREFIX = "hou_";

/** The format of a key: prefix, 32 base62 characters (190 bits), and 8 hex digits of their CRC-32. */
export const keyPattern = /^hou_[0-9A-Za-z]{32}_[0-9a-f]{8}$/;

const random = customAlphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 32);

/** The same for tokens of SCIM clients, which are no API keys. */
export const SCIM_PREFIX = "houscim_";

/** A new random API key, or a token of the same format with another prefix. */
export function newApiKey(prefix = KEY_PREFIX): string {
  const body = random();
  return `${prefix}${body}_${checksum(body)}`;
}

/** True if `key` has the format of a key and a valid checksum, so a damaged key is rejected without a database lookup. */
export function isApiKey(key: string): boolean {
  if (!keyPattern.test(key)) return false;
  const [, body = "", sum] = key.split("_");
  return checksum(body) === sum;
}

const checksum = (body: string) => crc32(body).toString(16).padStart(8, "0");

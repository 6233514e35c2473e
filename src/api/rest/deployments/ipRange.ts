import ipaddr from "ipaddr.js";
import { z } from "zod";

const RANGE = "must be a range of IPv4 or IPv6 addresses such as 203.0.113.0/24";

const MAX_LENGTH = 64;

/** Four decimal numbers, or what IPv6 has, and the length of the prefix. */
const CIDR = /^(\d+\.\d+\.\d+\.\d+|[\da-fA-F:.]*:[\da-fA-F:.]*)\/\d+$/;

/** A range of addresses in CIDR notation; addresses are written as four decimal numbers, or as IPv6 has them. */
export const IpRange = z.string(RANGE).max(MAX_LENGTH, RANGE).refine(isRange, RANGE);

function isRange(text: string): boolean {
  // Zod reports the length, but goes on; for long texts, the patterns take too long.
  if (text.length > MAX_LENGTH) return true;
  // ipaddr.js also reads octal and hexadecimal numbers, and addresses with fewer than four.
  return CIDR.test(text) && !/(^|\.)0\d/.test(text) && ipaddr.isValidCIDR(text);
}

import ipaddr from "ipaddr.js";
import { z } from "zod";

/** The largest and the smallest network that a range may be, by the length of its prefix. */
const MIN_PREFIX = 8;
const MAX_PREFIX = 28;

const CIDR =
  `must be an IPv4 range such as 10.0.0.0/16: four decimal numbers without leading zeros, a prefix length from ` +
  `${MIN_PREFIX} to ${MAX_PREFIX}, and all bits after the prefix zero`;

/** An IPv4 range in CIDR notation, written in the one way that its network has. */
export const Cidr = z.string(CIDR).refine(isCidr, CIDR).describe("IPv4 range in CIDR notation, from /8 to /28.");

/** True for a range that is written as its network is: "10.1.0.0/16", neither "10.1.2.3/16" nor "010.1.0.0/16". */
export function isCidr(text: string): boolean {
  // ipaddr.js reads octal, hexadecimal and missing numbers too, so the network is written again and compared.
  if (!ipaddr.IPv4.isValidCIDR(text)) return false;
  const [, prefix] = ipaddr.IPv4.parseCIDR(text);
  const isSensible = prefix >= MIN_PREFIX && prefix <= MAX_PREFIX;
  return isSensible && text === `${ipaddr.IPv4.networkAddressFromCIDR(text)}/${prefix}`;
}

/** True if two valid ranges have an address in common, which is the case if the larger one contains the other. */
export function overlap(one: string, other: string): boolean {
  const [[address, prefix], [others, othersPrefix]] = [ipaddr.IPv4.parseCIDR(one), ipaddr.IPv4.parseCIDR(other)];
  return address.match(others, Math.min(prefix, othersPrefix));
}

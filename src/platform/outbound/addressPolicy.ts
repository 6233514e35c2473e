import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Where Houston may connect to on behalf of a caller: the public internet, or private networks too. */
export type Reach = "public" | "private";

/**
 * Networks of one's own, and this machine, as ipaddr.js names them. Its other ranges but "unicast" are never connected to:
 * link-local, multicast, reserved, documentation, and other networks inside IPv6.
 */
const privateRanges = new Set(["private", "carrierGradeNat", "loopback", "uniqueLocal"]);

/** For benchmarks of one's own network; ipaddr.js counts it among the reserved ones. */
const benchmarking = ipaddr.parseCIDR("198.18.0.0/15");

/** Metadata services of clouds that are not link-local. */
const metadata = new Set(["100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254"]);

/** All IPv6 addresses of the internet so far. */
const global6 = ipaddr.parseCIDR("2000::/3");

/** Addresses with a zone, which are link-local, and "::1.2.3.4", which ipaddr.js takes for a mapped IPv4 address. */
const misread = /%|^::\d+\./;

/** True if `text` is an address that may be connected to. */
export function mayConnect(text: string, reach: Reach): boolean {
  if (isIP(text) === 0 || misread.test(text)) return false;
  // A mapped IPv4 address counts as that IPv4 address.
  const address = ipaddr.process(text);
  const range = address.range();
  if (metadata.has(address.toString())) return false;
  if (privateRanges.has(range) || isIn(address, benchmarking)) return reach === "private";
  return range === "unicast" && (isIP(text) === 4 || isIn(address, global6));
}

const isIn = (address: ipaddr.IPv4 | ipaddr.IPv6, network: [ipaddr.IPv4 | ipaddr.IPv6, number]): boolean =>
  address.kind() === network[0].kind() && address.match(network);

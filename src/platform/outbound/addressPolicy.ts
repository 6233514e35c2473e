import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Which networks Houston may connect to on behalf of a caller: the public internet, or private networks too. */
export type Reach = "public" | "private";

/**
 * Private networks and this machine, as ipaddr.js names them. Apart from these and "unicast", its ranges are never connected
 * to: link-local, multicast, reserved, documentation, and other networks embedded in IPv6.
 */
const privateRanges = new Set(["private", "carrierGradeNat", "loopback", "uniqueLocal"]);

/** For benchmarks of private networks; ipaddr.js considers it reserved. */
const benchmarking = ipaddr.parseCIDR("198.18.0.0/15");

/** Cloud metadata services at addresses that are not link-local. */
const metadata = new Set(["100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254"]);

/** All public IPv6 addresses allocated so far. */
const global6 = ipaddr.parseCIDR("2000::/3");

/** Addresses with a zone, which are link-local, and "::1.2.3.4", which ipaddr.js misreads as a mapped IPv4 address. */
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

import { BlockList, isIP } from "node:net";

/** Where Houston may connect to on behalf of a caller: the public internet, or private networks too. */
export type Reach = "public" | "private";

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  return list;
}

/** Networks of one's own, and this machine. */
const privately = listOf([
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "::1/128",
  "fc00::/7",
]);

/** Nobody's server: link-local and the metadata services of clouds, multicast, reserved, documentation, other networks inside. */
const never = listOf([
  "0.0.0.0/8",
  "100.100.100.200/32",
  "168.63.129.16/32",
  "169.254.0.0/16",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
  "fd00:ec2::254/128",
  "fd20:ce::254/128",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
]);

/** IPv6 outside of it is special, mapped IPv4 included. */
const global6 = listOf(["2000::/3"]);

/** True if an address that `isIP` knows may be connected to. */
export function mayConnect(address: string, reach: Reach): boolean {
  const kind = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (isIP(address) === 0 || never.check(address, kind)) return false;
  if (privately.check(address, kind)) return reach === "private";
  return kind === "ipv4" || global6.check(address, kind);
}

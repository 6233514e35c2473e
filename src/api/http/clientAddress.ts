import type { IncomingMessage } from "node:http";
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Returns the address of the client that sent a request; "unknown" once the connection is gone. */
export type ClientAddress = (request: Pick<IncomingMessage, "headers" | "socket">) => string;

/**
 * Finds out the address of clients. `X-Forwarded-For` counts only as far as trusted proxies wrote it: each proxy adds the
 * address that it received the request from, so the list is read from its end, until the first address that is not trusted.
 * What a client wrote there itself comes before that and is ignored. `trusted`: addresses and ranges.
 */
export function createClientAddress(trusted: readonly string[]): ClientAddress {
  const networks = trusted.map(networkIn);
  const isTrusted = (address: Address) =>
    networks.some(([network, prefix]) => network.kind() === address.kind() && address.match(network, prefix));
  return ({ headers, socket }) => {
    const peer = plain(socket.remoteAddress);
    const forwarded = headers["x-forwarded-for"];
    if (networks.length === 0 || forwarded === undefined || !ipaddr.isValid(peer)) return peer;
    let nearest = ipaddr.process(peer);
    for (const hop of String(forwarded).split(",").toReversed()) {
      const text = hostIn(hop.trim());
      if (!isTrusted(nearest) || !ipaddr.isValid(text)) break;
      nearest = ipaddr.process(text);
    }
    return nearest.toString();
  };
}

function networkIn(text: string): [Address, number] {
  if (text.includes("/")) return ipaddr.parseCIDR(text);
  const address = ipaddr.process(text);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}

/** On a dual-stack socket, IPv4 clients have addresses such as ::ffff:10.0.0.1. */
const plain = (address: string | undefined) => (address ?? "unknown").replace(/^::ffff:(?=\d+\.)/i, "");

/** Some proxies add the port: "10.0.0.1:4711", "[::1]:4711". */
const hostIn = (hop: string) =>
  /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(hop)?.[1] ?? /^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? hop;

import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import type { Client } from "../../access/context.ts";

/** The header in which the first sign-up sends the set-up token. */
const SETUP_TOKEN = "x-houston-setup-token";

/** Any of these shows that a proxy passed the request on. */
const forwarding = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "x-original-forwarded-for",
  "x-client-ip",
  "true-client-ip",
  "cf-connecting-ip",
];

/** The names that browsers and curl have for this machine. */
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** Who sent a request from an address (clientAddress.ts), as far as the connection shows. */
export function clientOf({ headers, socket }: Pick<IncomingMessage, "headers" | "socket">, address: string): Client {
  const token = headers[SETUP_TOKEN];
  return {
    address,
    // Only a first sign-up needs to know.
    get sameMachine() {
      return isLoopback(socket.remoteAddress ?? "") && isUnforwarded(headers);
    },
    setupToken: typeof token === "string" ? token : undefined,
  };
}

/**
 * True unless a proxy or the page of another site sent the request. A site whose name resolves to this machine would
 * have its own name in `host` and `origin`.
 */
function isUnforwarded(headers: IncomingMessage["headers"]): boolean {
  if (forwarding.some((name) => headers[name] !== undefined)) return false;
  const origin = headers.origin?.replace(/^https?:\/\//, "");
  return LOOPBACK_HOST.test(headers.host ?? "") && (origin === undefined || LOOPBACK_HOST.test(origin));
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** A mapped IPv4 address (`::ffff:127.0.0.1`) counts as that IPv4 address. */
function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 6 ? "ipv6" : "ipv4");
}

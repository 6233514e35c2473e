import type { LookupAddress } from "node:dns";
import { Resolver } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { mayConnect, type Reach } from "./addressPolicy.ts";

/** The host has an address that Houston must not connect to. */
export class HostNotAllowed extends Error {}

/** Milliseconds to wait for a name server before a retry, and the number of attempts. */
const resolverOptions = { timeout: 2_000, tries: 3 };

/**
 * The addresses of a URL's host. Connect only to these: resolved again, the name could have other addresses. Names are
 * looked up in the system's hosts file and with its name servers, without search domains. Throws HostNotAllowed if any address
 * is outside `reach`, the system's error for a name that does not resolve, and the signal's reason if it aborts first: then
 * nothing is left waiting.
 */
export async function resolveAllowed(
  url: URL,
  reach: Reach,
  signal: AbortSignal,
  resolver = new Resolver(resolverOptions),
): Promise<LookupAddress[]> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  const addresses = family === 0 ? await addressesOf(host, signal, resolver) : [{ address: host, family }];
  if (addresses.length === 0 || !addresses.every(({ address }) => mayConnect(address, reach))) {
    throw new HostNotAllowed();
  }
  return addresses;
}

/** Replaces `dns.lookup`, which cannot be canceled and blocks one of the process's few threads. */
async function addressesOf(host: string, signal: AbortSignal, resolver: Resolver): Promise<LookupAddress[]> {
  const listed = await listedAddresses(host);
  signal.throwIfAborted();
  if (listed.length > 0) return listed;
  const cancel = () => resolver.cancel();
  signal.addEventListener("abort", cancel);
  try {
    const results = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    signal.throwIfAborted();
    const found = results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
    const [first] = results;
    // Most hosts lack one of the two kinds, so only an empty result is an error.
    if (found.length === 0 && first.status === "rejected") throw first.reason;
    return found.map((address) => ({ address, family: isIP(address) }));
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** The addresses of a name in /etc/hosts. */
async function listedAddresses(host: string): Promise<LookupAddress[]> {
  const text = await readFile("/etc/hosts", "utf8").catch(() => "");
  return text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().split(/\s+/))
    .filter(([address = "", ...names]) => isIP(address) && names.some((name) => name.toLowerCase() === host))
    .map(([address = ""]) => ({ address, family: isIP(address) }));
}

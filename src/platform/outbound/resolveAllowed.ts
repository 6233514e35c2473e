import type { LookupAddress } from "node:dns";
import { Resolver } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { mayConnect, type Reach } from "./addressPolicy.ts";

/** The host lies where Houston does not connect to. */
export class HostNotAllowed extends Error {}

/** Milliseconds to wait for a name server before the question is put again, and how often it is put. */
const patience = { timeout: 2_000, tries: 3 };

/**
 * The addresses of a URL's host. Connect to these and no others: asked again, the name could answer differently. A name
 * stands in the system's hosts file or with its name servers, complete as it is. Throws HostNotAllowed if any address is out
 * of `reach`, the system's error for a name that does not resolve, and the signal's reason when it aborts first: then nothing
 * is left waiting.
 */
export async function resolveAllowed(
  url: URL,
  reach: Reach,
  signal: AbortSignal,
  resolver = new Resolver(patience),
): Promise<LookupAddress[]> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  const addresses = family === 0 ? await addressesOf(host, signal, resolver) : [{ address: host, family }];
  if (addresses.length === 0 || !addresses.every(({ address }) => mayConnect(address, reach))) {
    throw new HostNotAllowed();
  }
  return addresses;
}

/** As `dns.lookup` finds them, which cannot be stopped and meanwhile keeps one of the process's few threads. */
async function addressesOf(host: string, signal: AbortSignal, resolver: Resolver): Promise<LookupAddress[]> {
  const listed = await listedAddresses(host);
  signal.throwIfAborted();
  if (listed.length > 0) return listed;
  const cancel = () => resolver.cancel();
  signal.addEventListener("abort", cancel);
  try {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    signal.throwIfAborted();
    const found = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    const [first] = answers;
    // Few hosts have both kinds of addresses.
    if (found.length === 0 && first.status === "rejected") throw first.reason;
    return found.map((address) => ({ address, family: isIP(address) }));
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** What /etc/hosts says of a name. */
async function listedAddresses(host: string): Promise<LookupAddress[]> {
  const text = await readFile("/etc/hosts", "utf8").catch(() => "");
  return text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().split(/\s+/))
    .filter(([address = "", ...names]) => isIP(address) && names.some((name) => name.toLowerCase() === host))
    .map(([address = ""]) => ({ address, family: isIP(address) }));
}

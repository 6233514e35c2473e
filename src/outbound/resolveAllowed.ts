import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { mayConnect, type Reach } from "./addressPolicy.ts";

/** The host lies where Houston does not connect to. */
export class HostNotAllowed extends Error {}

/**
 * The addresses of a URL's host. Connect to these and no others: asked again, the name could answer differently. Throws
 * HostNotAllowed if any of them is out of `reach`, the system's error for a name that does not resolve, and the signal's
 * reason when it aborts first.
 */
export async function resolveAllowed(url: URL, reach: Reach, signal: AbortSignal): Promise<LookupAddress[]> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  const addresses = family === 0 ? await aborting(lookup(host, { all: true }), signal) : [{ address: host, family }];
  if (addresses.length === 0 || !addresses.every(({ address }) => mayConnect(address, reach))) {
    throw new HostNotAllowed();
  }
  return addresses;
}

/** A look-up itself cannot be stopped. */
function aborting<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

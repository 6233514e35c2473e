import { z } from "zod";
import type { Config } from "../../platform/config/config.ts";
import { assertStorable } from "../../platform/input/assertStorable.ts";
import { type BoundedResponse, getBounded } from "../../platform/outbound/getBounded.ts";
import { HostNotAllowed, resolveAllowed } from "../../platform/outbound/resolveAllowed.ts";

/** What a data plane reports about its cluster. */
export interface Metadata {
  /** `value` is HEALTHY, or says what else it is. */
  healthStatus: { value: string } & z.core.util.JSONType & object;
  baseDomain?: string | undefined;
}

/** The metadata could not be read. The message contains nothing that the data plane sent. */
export class UnreadableMetadata extends Error {}

/** Metadata of real data planes has a few kilobytes. */
const MAX_BYTES = 64 * 1024;

const Value = z.string().min(1).max(80);
const Domain = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i);
const Body = z.looseObject({
  healthStatus: z.union([
    Value.transform((value) => ({ value })),
    z.looseObject({ value: Value }),
    z.looseObject({ status: Value }).transform(({ status, ...rest }) => ({ ...rest, value: status })),
  ]),
  k8sVersion: z.string().max(80).optional().catch(undefined),
  baseDomain: Domain.optional().catch(undefined),
});

/**
 * The metadata at `url`. Connects only to addresses that `syncDataplaneClusters` allows, for at most its `timeout`,
 * reads at most 64 KiB and follows no redirects. Throws UnreadableMetadata for any other result, and the reason of
 * `signal` if it aborts.
 */
export async function readMetadata(
  { syncDataplaneClusters: { timeout, allowPrivateNetworks } }: Config,
  url: URL,
  signal: AbortSignal,
): Promise<Metadata> {
  const late = AbortSignal.timeout(timeout);
  const end = AbortSignal.any([signal, late]);
  try {
    const addresses = await resolveAllowed(url, allowPrivateNetworks ? "private" : "public", end);
    const headers = { accept: "application/json", "user-agent": "houston" };
    return metadataIn(await getBounded(url, { headers, addresses, signal: end, maxBytes: MAX_BYTES + 1 }));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UnreadableMetadata) throw error;
    if (error instanceof HostNotAllowed) {
      throw new UnreadableMetadata("The host is in a network that this platform must not connect to.");
    }
    if (late.aborted) throw new UnreadableMetadata(`The data plane did not respond within ${timeout} ms.`);
    const { code } = error as { code?: unknown };
    throw new UnreadableMetadata(`Cannot connect to the data plane${typeof code === "string" ? ` (${code})` : ""}.`);
  }
}

function metadataIn({ status, start }: BoundedResponse): Metadata {
  if (status >= 300 && status < 400) throw new UnreadableMetadata("The data plane redirects; use the final URL.");
  if (status !== 200) throw new UnreadableMetadata(`The data plane responded with HTTP status ${status}.`);
  if (start.length > MAX_BYTES) throw new UnreadableMetadata(`The metadata is larger than ${MAX_BYTES} bytes.`);
  const { data } = Body.safeParse(parsed(start.toString("utf8")));
  if (!data) throw new UnreadableMetadata("The metadata is not a JSON object with healthStatus.");
  const { healthStatus, k8sVersion, baseDomain } = data;
  // Top-level metadata is where clients look for the version, whichever part the data plane puts it in.
  return {
    healthStatus: { ...(k8sVersion ? { k8sVersion } : {}), ...healthStatus } as Metadata["healthStatus"],
    baseDomain,
  };
}

/** The JSON value, or undefined if it is invalid or cannot be stored. */
function parsed(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    assertStorable(value);
    return value;
  } catch {
    return undefined;
  }
}

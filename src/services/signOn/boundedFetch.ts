import { isSafeUrl } from "../../platform/config/signOn.ts";
import { SignOnRefused } from "./refused.ts";

/** Maximum milliseconds for a response, with its body. */
const TIMEOUT = 10_000;

/** Maximum bytes of a response: a token with thousands of groups is far smaller. */
const MAX_BYTES = 1024 * 1024;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * A `fetch` for requests to providers. Throws SignOnRefused ("unavailable") for no answer within 10 s, an answer with a 5xx
 * status or of more than 1 MiB, and a URL that secrets must not be sent to. Follows no redirects, which would send secrets to
 * another server.
 */
export const boundedFetch: Fetch = (url, init) =>
  fetchWhole(url, init).catch((error: unknown) => {
    throw new SignOnRefused("unavailable", error);
  });

async function fetchWhole(url: string, init: RequestInit): Promise<Response> {
  const { origin } = new URL(url);
  if (!isSafeUrl(url)) throw new Error(`${origin} is neither https nor this machine`);
  const timeout = AbortSignal.timeout(TIMEOUT);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  const response = await fetch(url, { ...init, redirect: "manual", signal });
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.byteLength;
    if (length > MAX_BYTES) throw new Error(`${origin} returned more than ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  const { status, headers } = response;
  if (status >= 500) throw new Error(`${origin} answered with HTTP status ${status}`);
  return new Response(length === 0 ? null : Buffer.concat(parts), { status, headers });
}

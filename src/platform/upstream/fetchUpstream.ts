import type { Logger } from "pino";
import { queueBeyond } from "../concurrency.ts";
import { AppError } from "../errors/appError.ts";

/** A request to another server. */
export interface UpstreamRequest {
  /** The name of the server in messages to callers: "The log store". */
  who: string;
  url: URL;
  /** Sent as JSON by POST; without it, the request is a GET. */
  body?: unknown;
  authorization?: string | undefined;
  /** Aborts the request. */
  signal?: AbortSignal | undefined;
}

/** Maximum milliseconds for a response. */
const TIMEOUT = 10_000;

/** Maximum bytes of a response: a thousand log lines of 3 KB, or a hundred series of a thousand points. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Maximum number of responses read concurrently by all requests; with MAX_BYTES, this limits their memory. */
const limited = queueBeyond(8);

/** The response is larger than MAX_BYTES; a request for less may succeed. */
export class TooLarge extends AppError {}

/**
 * The JSON response of another server. Throws SERVICE_UNAVAILABLE if the server does not respond within 10 s, or responds with
 * an error or anything but JSON; the reason is logged. Throws TooLarge for more than 4 MiB.
 */
export async function fetchUpstream(
  log: Logger,
  { who, url, body, authorization, signal }: UpstreamRequest,
): Promise<unknown> {
  const timeout = AbortSignal.timeout(TIMEOUT);
  const end = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    const response = await fetch(url, {
      ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(authorization !== undefined && { authorization }),
      },
      // A redirect would send the request, and any secrets in it, to another server.
      redirect: "error",
      signal: end,
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`HTTP status ${response.status}`);
    }
    return await limited(async () => JSON.parse(await textOf(response, who)), end);
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    // If the requester has aborted, there is no failure to log.
    if (!signal?.aborted) {
      const { message, cause } = error as Error;
      log.warn({ host: url.host, reason: message, cause: (cause as Error | undefined)?.message }, `${who} failed`);
    }
    throw new AppError("SERVICE_UNAVAILABLE", `${who} is temporarily unavailable; try again`);
  }
}

async function textOf(response: Response, who: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.byteLength;
    if (length > MAX_BYTES) throw new TooLarge("SERVICE_UNAVAILABLE", `${who} returned more than ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

import type { Logger } from "pino";
import { queueBeyond } from "../concurrency.ts";
import { AppError } from "../errors/appError.ts";

/** A question to another server. */
export interface UpstreamRequest {
  /** Whom we ask, in words a caller may read: "The log store". */
  who: string;
  url: URL;
  /** Sent as JSON by POST; without it the question is a GET. */
  body?: unknown;
  authorization?: string | undefined;
  /** Ends the question early. */
  signal?: AbortSignal | undefined;
}

/** Milliseconds an answer may take. */
const PATIENCE = 10_000;

/** Bytes an answer may have: a thousand log lines of 3 KB, or a hundred series of a thousand points. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Answers that are read at once, whoever asked for them: with the above, what they may take of the memory together. */
const read = queueBeyond(8);

/** The answer has more bytes than we read; a smaller question may have a smaller answer. */
export class TooLarge extends AppError {}

/**
 * The JSON that another server answers. Throws SERVICE_UNAVAILABLE when it does not answer in 10 s, answers with an error or with
 * anything but JSON; the log says which. Throws TooLarge for more than 4 MiB.
 */
export async function fetchUpstream(
  log: Logger,
  { who, url, body, authorization, signal }: UpstreamRequest,
): Promise<unknown> {
  const patience = AbortSignal.timeout(PATIENCE);
  const end = signal ? AbortSignal.any([signal, patience]) : patience;
  try {
    const response = await fetch(url, {
      ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(authorization !== undefined && { authorization }),
      },
      // An answer that leads elsewhere would take the question, and what it may hold, along.
      redirect: "error",
      signal: end,
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`answered ${response.status}`);
    }
    return await read(async () => JSON.parse(await textOf(response, who)), end);
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    // Whoever asked has gone, so nobody is told.
    if (!signal?.aborted) {
      const { message, cause } = error as Error;
      log.warn({ host: url.host, reason: message, cause: (cause as Error | undefined)?.message }, `${who} failed`);
    }
    throw new AppError("SERVICE_UNAVAILABLE", `${who} is not available right now; try again`);
  }
}

async function textOf(response: Response, who: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.byteLength;
    if (length > MAX_BYTES) throw new TooLarge("SERVICE_UNAVAILABLE", `${who} answered more than ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

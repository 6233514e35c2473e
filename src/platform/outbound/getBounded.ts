import type { LookupAddress } from "node:dns";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { LookupFunction } from "node:net";
import { rootCertificates } from "node:tls";

/** A response, with at most `maxBytes` of its body. */
export interface BoundedResponse {
  status: number;
  headers: IncomingMessage["headers"];
  /** The first bytes of the body. */
  start: Buffer;
}

export interface BoundedRequest {
  headers: Record<string, string>;
  /** The only addresses to connect to. */
  addresses: readonly LookupAddress[];
  /** Aborts the request. */
  signal: AbortSignal;
  /** Maximum number of body bytes to read. */
  maxBytes: number;
  /** Certificate authorities, in PEM, in addition to the well-known ones. */
  extraCertificates?: string | null;
}

/**
 * GETs an https or http URL on a connection of its own, without following redirects; reads only the first bytes of the
 * body.
 */
export function getBounded(url: URL, options: BoundedRequest): Promise<BoundedResponse> {
  const { headers, addresses, signal, maxBytes, extraCertificates: extra } = options;
  const { promise, resolve, reject } = Promise.withResolvers<BoundedResponse>();
  const request = url.protocol === "http:" ? requestHttp : requestHttps;
  const sent = request(
    url,
    {
      headers,
      signal,
      agent: false,
      lookup: pinned(addresses),
      ...(extra ? { ca: [...rootCertificates, extra] } : {}),
    },
    (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const finish = () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          start: Buffer.concat(chunks, Math.min(length, maxBytes)),
        });
        sent.destroy();
      };
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length >= maxBytes) finish();
      });
      response.on("end", finish);
      response.on("error", reject);
    },
  );
  sent.on("error", reject);
  // However the connection ends, the promise must settle.
  sent.on("close", () => reject(new Error("the connection was closed before a response")));
  sent.end();
  return promise;
}

/** Returns the addresses that were resolved and checked before, even if the name now resolves to others. */
const pinned =
  (addresses: readonly LookupAddress[]): LookupFunction =>
  (_host, options, done) => {
    const [first] = addresses;
    if (options.all) done(null, [...addresses]);
    else done(null, first?.address ?? "", first?.family);
  };

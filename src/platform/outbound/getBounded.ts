import type { LookupAddress } from "node:dns";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import type { LookupFunction } from "node:net";
import { rootCertificates } from "node:tls";

/** An answer, or as much of it as was wanted. */
export interface BoundedAnswer {
  status: number;
  headers: IncomingMessage["headers"];
  /** The first bytes of the body. */
  start: Buffer;
}

export interface BoundedRequest {
  headers: Record<string, string>;
  /** The only addresses that are connected to. */
  addresses: readonly LookupAddress[];
  /** Ends everything. */
  signal: AbortSignal;
  /** Most bytes of the body that are read. */
  most: number;
  /** Authorities in PEM beside the well-known ones. */
  extraCertificates?: string | null;
}

/** GETs an https URL on a connection of its own, without following redirects; reads the body's first bytes only. */
export function getBounded(url: URL, how: BoundedRequest): Promise<BoundedAnswer> {
  const { headers, addresses, signal, most, extraCertificates: extra } = how;
  const { promise, resolve, reject } = Promise.withResolvers<BoundedAnswer>();
  const sent = request(
    url,
    {
      headers,
      signal,
      agent: false,
      lookup: pinned(addresses),
      ...(extra ? { ca: [...rootCertificates, extra] } : {}),
    },
    (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const finish = () => {
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          start: Buffer.concat(chunks, Math.min(length, most)),
        });
        sent.destroy();
      };
      answer.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length >= most) finish();
      });
      answer.on("end", finish);
      answer.on("error", reject);
    },
  );
  sent.on("error", reject);
  // Whatever ends the connection ends the wait.
  sent.on("close", () => reject(new Error("the connection was closed before an answer")));
  sent.end();
  return promise;
}

/** Answers what was resolved and checked before, whatever the name says now. */
const pinned =
  (addresses: readonly LookupAddress[]): LookupFunction =>
  (_host, options, done) => {
    const [first] = addresses;
    if (options.all) done(null, [...addresses]);
    else done(null, first?.address ?? "", first?.family);
  };

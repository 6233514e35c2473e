import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { createSecureContext } from "node:tls";
import { isDeepStrictEqual } from "node:util";
import type { Credentials } from "./credentials.ts";

/** Maximum number of sockets for calls; further ones wait. Watches, which last for minutes, have sockets of their own. */
const MAX_SOCKETS = 100;

/** Milliseconds until an unused socket is closed: less than load balancers wait before they forget a connection. */
const UNUSED_AFTER = 30_000;

/** Milliseconds of silence after which the system asks whether the other end of a watch is still there. */
const PROBE_AFTER = 20_000;

/** One request, with a path below the server's. */
export interface Sending {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | undefined;
  /** True for a watch: the response lasts for minutes. */
  lasting?: boolean;
  /** Closes the request's socket. */
  signal: AbortSignal;
}

/** Sockets to one server. */
export interface Connection {
  /** True if these credentials lead to the same server in the same way. The token does not matter. */
  fits(credentials: Credentials): boolean;
  /** Resolves with the response once its headers are there. Rejects with the system's error. */
  send(sending: Sending): Promise<IncomingMessage>;
  /** Closes unused sockets. */
  close(): void;
}

/** Prepares the sockets to a server; none is opened before the first request. */
export function connectTo(credentials: Credentials): Connection {
  const { hostname, port, pathname, protocol } = new URL(credentials.server);
  const isHttps = protocol === "https:";
  const agents = isHttps ? httpsAgents(credentials) : { calls: new HttpAgent(reused), watches: new HttpAgent() };
  const request = isHttps ? requestHttps : requestHttp;
  const place = placeOf(credentials);
  const prefix = pathname.replace(/\/$/, "");

  function send(sending: Sending): Promise<IncomingMessage> {
    const { method, path, headers, body = "", lasting, signal } = sending;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const length = Buffer.byteLength(body);
    const sent = request({
      host: hostname.replace(/^\[|\]$/g, ""),
      port,
      path: `${prefix}${path}`,
      method,
      headers: { ...headers, ...(length > 0 && { "content-length": `${length}` }) },
      agent: lasting ? agents.watches : agents.calls,
      signal,
    });
    if (lasting) sent.once("socket", (socket) => socket.setKeepAlive(true, PROBE_AFTER));
    sent.once("response", resolve);
    sent.on("error", (error: NodeJS.ErrnoException) => {
      // The server may close an unused socket just when a request is sent on it. All calls may be repeated.
      const isClosed = sent.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      if (isClosed && !signal.aborted) resolve(send(sending));
      else reject(error);
    });
    sent.end(body);
    return promise;
  }

  return {
    fits: (others) => isDeepStrictEqual(place, placeOf(others)),
    send,
    close() {
      agents.calls.destroy();
      agents.watches.destroy();
    },
  };
}

const reused = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: UNUSED_AFTER };

function httpsAgents({ ca, clientCertificate, clientKey, insecureSkipTlsVerify, tlsServerName }: Credentials) {
  const tls = {
    // One context for all sockets: certificates are parsed once.
    secureContext: createSecureContext({
      minVersion: "TLSv1.2",
      ...(ca !== undefined && { ca }),
      ...(clientCertificate !== undefined && { cert: clientCertificate }),
      ...(clientKey !== undefined && { key: clientKey }),
    }),
    rejectUnauthorized: !insecureSkipTlsVerify,
    ...(tlsServerName !== undefined && { servername: tlsServerName }),
  };
  return { calls: new HttpsAgent({ ...tls, ...reused }), watches: new HttpsAgent(tls) };
}

/** All that a socket depends on. */
const placeOf = ({ token: _, namespace: __, ...place }: Credentials) => place;

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll } from "vitest";
import { type Change, isIn, isSelected, kubernetesStore, type Place } from "./kubernetesStore.ts";

/** A request that the server received. */
export interface KubernetesRequest {
  method: string;
  url: URL;
  headers: IncomingMessage["headers"];
  /** As it was sent. */
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
  body: any;
  /** The client's port: requests of one connection have the same. */
  port: number | undefined;
  /** True once the client has left before the end of the response. */
  left: boolean;
}

/** Answers instead of the server; false leaves it to the server. */
export type Intercept = (request: KubernetesRequest, response: ServerResponse) => boolean;

/** How the server listens and whom it knows. */
export interface KubernetesServerOptions {
  /** PEM. With `ca`, clients need a certificate of that authority. Without `tls`, the server speaks plain HTTP. */
  tls?: { key: string; cert: string; ca?: string };
  /** The bearer tokens that it accepts. Without them, anyone. */
  tokens?: Set<string>;
}

/**
 * A server that speaks the Kubernetes API as far as Houston uses it, until the file's last test: server-side apply, merge
 * patches, deletions with finalizers, lists in pages, watches with bookmarks, and access reviews. It has every kind of objects.
 */
export async function kubernetesServer({ tls, tokens }: KubernetesServerOptions = {}) {
  const store = kubernetesStore();
  const requests: KubernetesRequest[] = [];
  const watches = new Set<ServerResponse>();
  const pages = new Map<string, object[]>();
  const server = {
    store,
    requests,
    /** Asked before each request. */
    intercept: undefined as Intercept | undefined,
    /** What access reviews answer. */
    allows: (_: { verb: string; resource: string; namespace?: string }): boolean => true,
    url: "",
    /** Tells every watch how far it has come. */
    bookmark() {
      const metadata = { resourceVersion: `${store.version}` };
      for (const response of watches) sendLine(response, { type: "BOOKMARK", object: { metadata } });
    },
    /** Ends every watch, as the server does every few minutes. */
    endWatches() {
      for (const response of watches) response.end();
    },
    /** Closes every connection, as if the server crashed. */
    cutConnections: () => listener.closeAllConnections(),
    /** Forgets where lists continue. */
    expireLists: () => pages.clear(),
    /** Stops listening; `start` continues on the same port. */
    async stop() {
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
    },
    start: () => listen(Number(new URL(server.url).port)),
  };

  async function handle(message: IncomingMessage, response: ServerResponse) {
    const sent = await text(message);
    const { method = "", headers, socket } = message;
    const url = new URL(message.url ?? "/", "http://x");
    const body = sent === "" ? undefined : JSON.parse(sent);
    const request = { method, url, headers, text: sent, body, port: socket.remotePort, left: false };
    response.once("close", () => {
      request.left = !response.writableFinished;
    });
    requests.push(request);
    if (server.intercept?.(request, response)) return;
    if (tokens && !tokens.has(headers.authorization?.replace(/^Bearer /, "") ?? "")) {
      return sendStatus(response, 401, "Unauthorized", "Unauthorized");
    }
    answer(request, response);
  }

  function answer(request: KubernetesRequest, response: ServerResponse) {
    const { method, url, body } = request;
    if (url.pathname === "/version") return sendJson(response, 200, { gitVersion: "v1.37.2" });
    if (url.pathname.endsWith("/selfsubjectaccessreviews")) {
      const allowed = server.allows(body.spec.resourceAttributes);
      return sendJson(response, 201, { ...body, status: { allowed } });
    }
    const place = placeOf(url.pathname);
    if (!place) return void response.writeHead(404, { "content-type": "text/plain" }).end("404 page not found\n");
    if (place.name === undefined)
      return url.searchParams.get("watch") === "true" ? watch(url, place, response) : list(url, place, response);
    const earlier = store.get(place);
    const { uid } = body?.preconditions ?? {};
    const isApplied = request.headers["content-type"] === "application/apply-patch+yaml";
    if (!earlier && !isApplied) return sendAbsent(response, place);
    if (method === "GET") return sendJson(response, 200, earlier);
    if (method === "PATCH")
      return sendJson(response, earlier ? 200 : 201, isApplied ? store.apply(place, body) : store.patch(place, body));
    if (uid && uid !== earlier?.metadata.uid) {
      return sendStatus(response, 409, "Conflict", `the UID in the precondition (${uid}) does not match`);
    }
    store.remove(place);
    sendJson(response, 200, { kind: "Status", apiVersion: "v1", status: "Success" });
  }

  function list({ searchParams: query }: URL, place: Place, response: ServerResponse) {
    const token = query.get("continue");
    const rest = token === null ? store.list(place, query.get("labelSelector")) : pages.get(token);
    if (!rest) return sendStatus(response, 410, "Expired", "The provided continue parameter is too old");
    const limit = Number(query.get("limit") ?? rest.length);
    const version = token?.split("-")[0] ?? `${store.version}`;
    const next = rest.length > limit ? `${version}-${pages.size}` : undefined;
    if (next) pages.set(next, rest.slice(limit));
    // The items of a list have no kind.
    const items = rest.slice(0, limit).map((item) => ({ ...item, kind: undefined, apiVersion: undefined }));
    sendJson(response, 200, { metadata: { resourceVersion: version, continue: next }, items });
  }

  function watch({ searchParams: query }: URL, place: Place, response: ServerResponse) {
    const after = Number(query.get("resourceVersion"));
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    if (after < store.oldest) {
      const message = `too old resource version: ${after} (${store.oldest})`;
      sendLine(response, { type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired", message } });
      return void response.end();
    }
    const send = ({ type, kind, object }: Change) => {
      if (kind === place.kind && isIn(place, object) && isSelected(object, query.get("labelSelector")))
        sendLine(response, { type, object });
    };
    for (const change of store.since(after)) send(change);
    watches.add(response);
    const stop = store.onChange(send);
    response.once("close", () => {
      watches.delete(response);
      stop();
    });
  }

  const listener = tls
    ? createHttpsServer({ ...tls, requestCert: tls.ca !== undefined, rejectUnauthorized: tls.ca !== undefined }, handle)
    : createServer(handle);
  const listen = (port: number) => new Promise<void>((resolve) => listener.listen(port, "127.0.0.1", resolve));
  await listen(0);
  server.url = `${tls ? "https" : "http"}://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  afterAll(() => {
    listener.closeAllConnections();
    listener.close();
  });
  return server;
}

/** Takes apart the path of an object or of a list; undefined if it is neither. */
export function placeOf(path: string): Place | undefined {
  const match = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?$/.exec(path);
  if (!match) return undefined;
  const [, root, namespace, plural, name] = match.map((part) => part && decodeURIComponent(part));
  return { kind: `${root}/${plural}`, ...(namespace && { namespace }), ...(name && { name }) };
}

/** Sends a failure as the API does. */
export function sendStatus(
  response: ServerResponse,
  code: number,
  reason: string,
  message: string,
  details = {},
): void {
  sendJson(response, code, { kind: "Status", apiVersion: "v1", status: "Failure", message, reason, details, code });
}

function sendAbsent(response: ServerResponse, { kind, name = "" }: Place) {
  sendStatus(response, 404, "NotFound", `${kind.split("/").at(-1)} "${name}" not found`, { name });
}

/** Sends JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const sendLine = (response: ServerResponse, event: object) => response.write(`${JSON.stringify(event)}\n`);

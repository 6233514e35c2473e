import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll } from "vitest";

/** A request that a test server received. */
export interface ReceivedRequest {
  url: URL;
  method: string;
  headers: IncomingMessage["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
  body: any;
  /** True once the client has left before the end of the response. */
  left: boolean;
}

/** A status and a body: a string is sent as it is, a promise after the headers. `undefined` sends no response. */
export type Reply = { status: number; body: unknown; headers?: Record<string, string> } | undefined;

/** JSON is parsed; a form stays text. */
const bodyOf = (body: string, type: string | undefined) =>
  body === "" ? undefined : type?.startsWith("application/x-www-form-urlencoded") ? body : JSON.parse(body);

/** An HTTP server that returns JSON, until the file's last test. `requests` contains the requests it received. */
export async function jsonServer(answer: (requests: ReceivedRequest) => Reply) {
  const requests: ReceivedRequest[] = [];
  const server = createServer({ maxHeaderSize: 2 * 1024 * 1024 }, async (request, response) => {
    const body = await text(request);
    const { method = "", headers } = request;
    const one = {
      url: new URL(request.url ?? "/", "http://x"),
      method,
      headers,
      body: bodyOf(body, headers["content-type"]),
      left: false,
    };
    response.once("close", () => {
      one.left = !response.writableFinished;
    });
    requests.push(one);
    const reply = answer(one);
    if (!reply) return;
    response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers });
    response.flushHeaders();
    const answered = await reply.body;
    response.end(typeof answered === "string" ? answered : JSON.stringify(answered));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { requests, port, url: `http://127.0.0.1:${port}` };
}

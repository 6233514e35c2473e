import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll } from "vitest";

/** What a server of a test was asked. */
export interface Asked {
  url: URL;
  method: string;
  headers: IncomingMessage["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
  body: any;
  /** Whether whoever asked has gone without an answer. */
  left: boolean;
}

/** A status and a body; text stays as it is, and a promise is waited for when the status has gone. `undefined` never answers. */
export type Reply = { status: number; body: unknown; headers?: Record<string, string> } | undefined;

/** A real HTTP server that answers JSON, until the file's last test. `asked` holds what it was asked. */
export async function jsonServer(answer: (asked: Asked) => Reply) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { method = "", headers } = request;
    const one = {
      url: new URL(request.url ?? "/", "http://x"),
      method,
      headers,
      body: body ? JSON.parse(body) : undefined,
      left: false,
    };
    response.once("close", () => {
      one.left = !response.writableFinished;
    });
    asked.push(one);
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
  return { asked, port, url: `http://127.0.0.1:${port}` };
}

import { Agent, createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds between two probes of a replica. */
const PROBE_INTERVAL = 200;

/**
 * A reverse proxy on loopback that sends requests to the replicas whose `/readyz` returns 200, as load balancers do. A
 * request for which no connection could be opened goes to another replica; it is sent to one of them at most once.
 */
export async function readinessProxy(replicas: readonly { url: string; operationsUrl: string }[]) {
  const agents = replicas.map(() => new Agent({ keepAlive: true, maxSockets: 50 }));
  const ready = replicas.map(() => false);
  let [closed, turn] = [false, 0];
  const probing = replicas.map(async ({ operationsUrl }, n) => {
    while (!closed) {
      const limited = { signal: AbortSignal.timeout(2_000) };
      ready[n] = (await fetch(`${operationsUrl}/readyz`, limited).catch(() => undefined))?.status === 200;
      await sleep(PROBE_INTERVAL);
    }
  });
  const forward = (n: number, incoming: IncomingMessage, body: Buffer) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const { hostname, port } = new URL(replicas[n]?.url ?? "");
      const { method = "GET", url: path, headers } = incoming;
      const { connection: _, ...rest } = headers;
      const outgoing = request({ hostname, port, method, path, headers: rest, agent: agents[n] });
      outgoing.once("response", resolve).once("error", reject).end(body);
    });
  const server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming);
    for (let attempt = 0; attempt < 20; attempt += 1) {
      turn += 1;
      const candidates = replicas.map((_, n) => n).filter((n) => ready[n]);
      const n = candidates[turn % candidates.length];
      if (n === undefined) {
        await sleep(PROBE_INTERVAL);
        continue;
      }
      try {
        const response = await forward(n, incoming, body);
        outgoing.writeHead(response.statusCode ?? 502, { "content-type": response.headers["content-type"] ?? "" });
        return void response.pipe(outgoing);
      } catch (error) {
        // Nothing was sent.
        if ((error as NodeJS.ErrnoException).code === "ECONNREFUSED") continue;
        return void outgoing.writeHead(502).end(String(error));
      }
    }
    outgoing.writeHead(503).end("no replica is ready");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      closed = true;
      await Promise.all(probing);
      server.closeAllConnections();
      server.close();
      for (const agent of agents) agent.destroy();
    },
  };
}

import type { Server } from "./createServer.ts";

/**
 * Stops accepting connections and waits at most `timeout` milliseconds for running requests, then closes their
 * connections. Resolves when no connection is open.
 */
export async function closeServer(server: Server, timeout: number): Promise<void> {
  const timer = setTimeout(() => {
    server.log.warn(`Requests are still running after ${timeout} ms; closing their connections`);
    server.server.closeAllConnections();
  }, timeout);
  await server.close();
  clearTimeout(timer);
}

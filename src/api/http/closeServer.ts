import type { Server } from "./createServer.ts";

/**
 * Stops accepting connections and waits for requests under way, `patience` milliseconds at most; then it breaks what is
 * left. Resolves when no connection is open any more.
 */
export async function closeServer(server: Server, patience: number): Promise<void> {
  const timer = setTimeout(() => {
    server.log.warn(`Requests are still running after ${patience} ms; their connections are closed`);
    server.server.closeAllConnections();
  }, patience);
  await server.close();
  clearTimeout(timer);
}

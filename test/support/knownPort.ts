import { createServer, connect as dial, type Socket } from "node:net";
import { afterAll } from "vitest";

/**
 * A port that is known before the server behind it has started: for settings with the server's own URL. Closed after the
 * file's last test.
 */
export async function openKnownPort() {
  let target: URL | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = dial(Number(target?.port), target?.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy()).on("close", () => sockets.delete(from) && to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as { port: number }).port,
    /** Names the server, once it has started. */
    leadTo(url: string) {
      target = new URL(url);
    },
  };
}

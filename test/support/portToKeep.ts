import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below what Linux gives to outgoing connections, which could otherwise take the port before a process opens it. */
const [LOWEST, HIGHEST] = [10_000, 30_000];

/** A port of loopback that is free, and stays free until somebody opens it. */
export async function portToKeep(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const server = createServer();
    const port = randomInt(LOWEST, HIGHEST);
    const opened = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!opened) continue;
    server.close();
    await once(server, "close");
    return port;
  }
  throw new Error("no port is free");
}

import { createServer, connect as dial, type Socket } from "node:net";

/** A TCP proxy for a database, on loopback, which can behave like a bad network. */
export interface Relay {
  /** The URL of the database through it. */
  url: string;
  /** Drops all data on the connections open at that time, without closing them. */
  silence(): void;
  /** Drops all data on new connections too, which open but never respond, until called with false. */
  blackHole(on: boolean): void;
  /** Resets the connections open at that time. */
  reset(): void;
  /** Resets new connections too, until called with false. */
  refuse(on: boolean): void;
  /** Delays the data of new connections in both directions by so many milliseconds. */
  delay(milliseconds: number): void;
  /** The number of open connections. */
  count(): number;
  close(): void;
}

export async function relayTo(databaseUrl: string): Promise<Relay> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let [black, refusing, latency] = [false, false, 0];
  const silenceOne = (socket: Socket) => void socket.unpipe().removeAllListeners("data").resume();
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const server = createServer((client) => {
    client.on("error", () => undefined);
    if (refusing) return client.resetAndDestroy();
    sockets.add(client);
    client.on("close", () => sockets.delete(client));
    if (black) return client.resume();
    const upstream = dial(Number(target.port), target.hostname);
    sockets.add(upstream);
    upstream.on("close", () => sockets.delete(upstream));
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on("error", () => to.destroy()).on("close", () => to.destroy());
      if (latency === 0) from.pipe(to);
      else {
        const wait = latency;
        from.on("data", (data) => setTimeout(() => to.writable && to.write(data), wait).unref());
      }
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as { port: number }).port}`;
  return {
    url: url.href,
    silence: () => sockets.forEach(silenceOne),
    blackHole(on) {
      black = on;
      if (on) sockets.forEach(silenceOne);
    },
    reset,
    refuse(on) {
      refusing = on;
      if (on) reset();
    },
    delay(milliseconds) {
      latency = milliseconds;
    },
    count: () => sockets.size,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

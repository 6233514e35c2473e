import type { Duplex } from "node:stream";
import pg from "pg";

/** A connection keeps every statement it prepares, so it is replaced after this many statements or milliseconds. */
const MAX_PREPARED = 500;
const LIFETIME = 1_800_000;

/** A connection for one use at a time. It opens on first use, and again after it broke. */
export interface ReconnectingClient {
  /**
   * Runs `work` on the connection, or a new one if it is old or broken. `prepared` contains the names of its prepared statements,
   * to which `work` adds. After `timeout` milliseconds, which opening it is part of, the connection is destroyed. Throws an
   * error with a code if it did not open or broke.
   */
  use<T>(timeout: number, work: (client: pg.Client, prepared: Set<string>) => Promise<T>): Promise<T>;
  /** Ends it; the next use opens a new one. */
  retire(): Promise<void>;
}

export function reconnectingClient(settings: pg.ClientConfig): ReconnectingClient {
  let client: Promise<pg.Client> | undefined;
  let opened = 0;
  /** The one that `client` resolves to. */
  let latest: pg.Client | undefined;
  const prepared = new Set<string>();

  const open = () => {
    const next = new pg.Client(settings);
    latest = next;
    const connected = next.connect().then(() => next);
    const forget = () => {
      if (client === connected) client = undefined;
    };
    // Its running queries also fail. Without a listener, the event would end the process.
    next.on("error", forget);
    next.on("end", forget);
    connected.catch(forget);
    client = connected;
    opened = performance.now();
    prepared.clear();
    return connected;
  };
  const retire = async () => {
    const last = client;
    client = undefined;
    await last?.then(
      (one) => one.end(),
      () => undefined,
    );
  };
  return {
    retire,
    async use(timeout, work) {
      let timer: NodeJS.Timeout | undefined;
      try {
        if (prepared.size >= MAX_PREPARED || performance.now() - opened > LIFETIME) void retire();
        const connecting = client ?? open();
        timer = setTimeout(() => latest && destroy(latest), Math.max(0, timeout));
        return await work(await connecting, prepared);
      } catch (error) {
        throw withResetCode(error as Error);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** Destroys a connection that no longer responds: all its queries fail. */
const destroy = (client: pg.Client): void =>
  void (client as unknown as { connection: { stream: Duplex } }).connection.stream.destroy();

/** PostgreSQL's errors have codes, but pg's errors for a connection that ended or timed out have none. */
const withResetCode = (error: Error) => ("code" in error ? error : Object.assign(error, { code: "ECONNRESET" }));

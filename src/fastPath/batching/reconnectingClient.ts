import type { Duplex } from "node:stream";
import pg from "pg";

/** A connection is replaced after it has prepared so many statements, all of which it keeps, or after so many milliseconds. */
const MAX_PREPARED = 500;
const LIFETIME = 1_800_000;

/** A connection for one use after the other. It opens when first used, and again after it broke. */
export interface ReconnectingClient {
  /**
   * Uses the connection, a new one where the last is old or broken; `prepared` names the statements it has prepared, and `work` adds to
   * it. After `timeout` milliseconds the connection is cut. Throws an error with a code when it did not open or broke.
   */
  use<T>(timeout: number, work: (client: pg.Client, prepared: Set<string>) => Promise<T>): Promise<T>;
  /** Ends it; the next use opens a new one. */
  retire(): Promise<void>;
}

export function reconnectingClient(settings: pg.ClientConfig): ReconnectingClient {
  let client: Promise<pg.Client> | undefined;
  let opened = 0;
  const prepared = new Set<string>();

  const open = () => {
    const next = new pg.Client(settings);
    const connected = next.connect().then(() => next);
    const gone = () => {
      if (client === connected) client = undefined;
    };
    // The queries under way fail too. Without a listener the event would end the process.
    next.on("error", gone);
    next.on("end", gone);
    connected.catch(gone);
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
        const connected = await (client ?? open());
        timer = setTimeout(cut, timeout, connected);
        return await work(connected, prepared);
      } catch (error) {
        throw withResetCode(error as Error);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** Breaks a connection that no longer answers: all its queries fail. */
const cut = (client: pg.Client): void =>
  void (client as unknown as { connection: { stream: Duplex } }).connection.stream.destroy();

/** PostgreSQL's errors have codes. pg gives none to a connection that ended or timed out. */
const withResetCode = (error: Error) => ("code" in error ? error : Object.assign(error, { code: "ECONNRESET" }));

import type { Duplex } from "node:stream";
import pg from "pg";

/** A connection begins afresh after it has prepared so many statements, all of which it keeps, or is so many milliseconds old. */
const MOST_PREPARED = 500;
const LIFETIME = 1_800_000;

/** A connection kept open for one use after the other. It opens when first used and again after it broke. */
export interface LaneConnection {
  /**
   * Uses the connection, a fresh one where the last is worn or broken; `prepared` names what it has prepared, and whoever prepares adds
   * to it. After `patience` milliseconds the connection is cut. Throws with a code when it did not open or broke.
   */
  use<T>(patience: number, work: (client: pg.Client, prepared: Set<string>) => Promise<T>): Promise<T>;
  /** Ends it; the next use begins afresh. */
  retire(): Promise<void>;
}

/** A connection by the client's settings. */
export function laneConnection(settings: pg.ClientConfig): LaneConnection {
  let client: Promise<pg.Client> | undefined;
  let opened = 0;
  const prepared = new Set<string>();

  const begin = () => {
    const fresh = new pg.Client(settings);
    const connected = fresh.connect().then(() => fresh);
    const gone = () => {
      if (client === connected) client = undefined;
    };
    // Whoever waits for an answer is told as well. Without a listener the event would end the process.
    fresh.on("error", gone);
    fresh.on("end", gone);
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
    async use(patience, work) {
      let timer: NodeJS.Timeout | undefined;
      try {
        if (prepared.size >= MOST_PREPARED || performance.now() - opened > LIFETIME) void retire();
        const connected = await (client ?? begin());
        timer = setTimeout(cut, patience, connected);
        return await work(connected, prepared);
      } catch (error) {
        throw withCode(error as Error);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** Breaks a connection that has fallen silent: all that wait for it are told. */
const cut = (client: pg.Client): void =>
  void (client as unknown as { connection: { stream: Duplex } }).connection.stream.destroy();

/** What PostgreSQL refuses has a code. pg gives none to a connection that ended or did not answer in time. */
const withCode = (error: Error) => ("code" in error ? error : Object.assign(error, { code: "ECONNRESET" }));

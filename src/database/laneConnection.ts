import type { Duplex } from "node:stream";
import pg from "pg";

/** A connection begins afresh after it has prepared so many statements, all of which it keeps, or is so many milliseconds old. */
const MOST_PREPARED = 500;
const LIFETIME = 1_800_000;

/** A connection kept open for statements that are asked all day. It opens when first used and again after it broke. */
export interface LaneConnection {
  /** The connection, a fresh one where the last is worn. Throws what keeps it from opening. */
  open(): Promise<pg.Client>;
  /** Names of the statements that it has prepared, which its users keep. */
  prepared: Set<string>;
  /** Ends it, after what is under way where it is a pipeline; the next `open` begins afresh. */
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
    prepared,
    retire,
    open() {
      if (prepared.size >= MOST_PREPARED || performance.now() - opened > LIFETIME) void retire();
      return client ?? begin();
    },
  };
}

/** Breaks a connection that has fallen silent: all that wait for it are told. */
export const cut = (client: pg.Client): void => void streamOf(client).destroy();

/** What this turn of the event loop writes to the connection leaves in one piece at its end. */
export function gather(client: pg.Client): void {
  const stream = streamOf(client);
  if (stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

const streamOf = (client: pg.Client) => (client as unknown as { connection: { stream: Duplex } }).connection.stream;

/** What PostgreSQL refuses has a code. pg gives none to a connection that ended or did not answer in time. */
export const withCode = (error: Error) => ("code" in error ? error : Object.assign(error, { code: "ECONNRESET" }));

import pg from "pg";
import type { Logger } from "pino";
import { sessionSettings, ZONE_OPTIONS } from "../database/sessionOptions.ts";

/** One connection that only listens, for all channels. */
export interface Listening {
  /** Adds a channel. Must be called before `begin`. */
  add(listener: Listener): void;
  /** Connects on the first call. */
  begin(): void;
  /** Closes the connection. */
  stop(): Promise<void>;
}

/** A channel to listen to. */
export interface Listener {
  /** Its name in the database. */
  channel: string;
  /** A shared advisory lock, held while listening, for triggers that notify only while someone holds it. */
  lock?: number;
  /** Receives the payload of each notification. */
  heard(payload: string): void;
  /** Called each time listening starts or resumes: notifications sent during an interruption are lost. */
  begun(): void;
  /** Called when listening was interrupted. */
  interrupted?(): void;
}

/** Delays before reconnecting, in milliseconds: the first one, doubled after each failure, and the longest one. */
const FIRST_DELAY = 100;
const MAX_DELAY = 2_000;

/** A firewall may drop a connection silently, so it is checked at this interval, with this timeout. In milliseconds. */
const CHECK_INTERVAL = 15_000;
const TIMEOUT = 5_000;

/** Listens on its own connection, and on a new one whenever that breaks. */
export function createListening(url: string, log: Logger): Listening {
  const listeners: Listener[] = [];
  let connected: Promise<void> | undefined;
  let client: pg.Client | undefined;
  let stopped = false;
  let delay = FIRST_DELAY;
  let timer: NodeJS.Timeout | undefined;
  let checking: NodeJS.Timeout | undefined;

  const connect = async () => {
    const connection = new pg.Client({
      ...sessionSettings(url, ZONE_OPTIONS),
      application_name: "houston events",
      connectionTimeoutMillis: TIMEOUT,
      query_timeout: TIMEOUT,
      keepAlive: true,
    });
    client = connection;
    let gone = false;
    const reconnect = (reason: string) => {
      if (gone) return;
      gone = true;
      clearInterval(checking);
      connection.end().catch(() => undefined);
      for (const { interrupted } of listeners) interrupted?.();
      if (stopped) return;
      log.warn({ reason, retryInMs: delay }, "Listening to the database was interrupted");
      timer = setTimeout(connect, delay);
      delay = Math.min(delay * 2, MAX_DELAY);
    };
    connection.on("error", (error) => reconnect(error.message));
    connection.on("end", () => reconnect("the connection ended"));
    connection.on("notification", ({ channel, payload = "" }) => {
      for (const listener of listeners) if (listener.channel === channel) listener.heard(payload);
    });
    try {
      await connection.connect();
      await connection.query(listeners.map(({ channel }) => `LISTEN ${channel}`).join(";"));
      for (const { lock } of listeners)
        if (lock !== undefined) await connection.query(`SELECT pg_advisory_lock_shared(${lock})`);
    } catch (error) {
      return reconnect((error as Error).message);
    }
    delay = FIRST_DELAY;
    checking = setInterval(() => {
      connection.query("SELECT 1").catch((error: Error) => reconnect(error.message));
    }, CHECK_INTERVAL);
    checking.unref();
    if (stopped) return;
    for (const { begun } of listeners) begun();
  };
  return {
    add: (listener) => void listeners.push(listener),
    begin() {
      connected ??= connect();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      clearInterval(checking);
      await connected;
      await client?.end().catch(() => undefined);
    },
  };
}

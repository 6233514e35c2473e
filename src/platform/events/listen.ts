import pg from "pg";
import type { Logger } from "pino";

/** A connection that does nothing but listen, for all channels. */
export interface Listening {
  /** Adds a channel; to be called before anything begins. */
  add(listener: Listener): void;
  /** Connects, the first time it is called. */
  begin(): void;
  /** Ends it. */
  stop(): Promise<void>;
}

/** What to listen to. */
export interface Listener {
  /** Its name in the database. */
  channel: string;
  /** An advisory lock that is held, shared with others, while listening, for triggers that notify only then. */
  lock?: number;
  /** Gets the text of each notification. */
  heard(payload: string): void;
  /** Called each time listening has begun, because nothing is heard while it is interrupted. */
  begun(): void;
}

/** Milliseconds before the first attempt to connect again; it doubles with each one that fails. */
const SHORTEST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;

/** A connection that a firewall has dropped says nothing: it is asked this often, and has this long to answer. */
const ASK_EVERY = 15_000;
const PATIENCE = 5_000;

/** Listens on a connection of its own, and again on a new one whenever it breaks. */
export function createListening(url: string, log: Logger): Listening {
  const listeners: Listener[] = [];
  let connected: Promise<void> | undefined;
  let client: pg.Client | undefined;
  let stopped = false;
  let pause = SHORTEST_PAUSE;
  let timer: NodeJS.Timeout | undefined;
  let asking: NodeJS.Timeout | undefined;

  const connect = async () => {
    const mine = new pg.Client({
      connectionString: url,
      application_name: "houston events",
      connectionTimeoutMillis: PATIENCE,
      query_timeout: PATIENCE,
      keepAlive: true,
    });
    client = mine;
    let gone = false;
    const again = (reason: string) => {
      if (gone) return;
      gone = true;
      clearInterval(asking);
      mine.end().catch(() => undefined);
      if (stopped) return;
      log.warn({ reason, again: pause }, "Listening to the database was interrupted");
      timer = setTimeout(connect, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    };
    mine.on("error", (error) => again(error.message));
    mine.on("end", () => again("the connection ended"));
    mine.on("notification", ({ channel, payload = "" }) => {
      for (const one of listeners) if (one.channel === channel) one.heard(payload);
    });
    try {
      await mine.connect();
      await mine.query(listeners.map(({ channel }) => `LISTEN ${channel}`).join(";"));
      for (const { lock } of listeners)
        if (lock !== undefined) await mine.query(`SELECT pg_advisory_lock_shared(${lock})`);
    } catch (error) {
      return again((error as Error).message);
    }
    pause = SHORTEST_PAUSE;
    asking = setInterval(() => {
      mine.query("SELECT 1").catch((error: Error) => again(error.message));
    }, ASK_EVERY);
    asking.unref();
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
      clearInterval(asking);
      await connected;
      await client?.end().catch(() => undefined);
    },
  };
}

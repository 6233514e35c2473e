import type { Duplex } from "node:stream";
import pg from "pg";

/**
 * Connections that carry many statements at a time. A pool gives a connection to one request until it is answered, so
 * each statement costs a write and a read of its own, and as many PostgreSQL processes wait for the disk as requests; a lane
 * sends what came in together in one write and takes the answers as they come. Each statement is a transaction of its own
 * and fails alone.
 */
export interface Lanes {
  /**
   * Runs one statement by itself on the lane with the least to do. Undefined, with nothing sent, when all have their fill:
   * then the pool's queue, which does not wait for ever, is the place. Throws what PostgreSQL refuses, and codes of
   * connections that broke.
   */
  query<Row extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<Row>> | undefined;
  /** Ends every connection, after what is under way. */
  close(): Promise<void>;
}

/** One statement; with a name it is prepared on each connection. */
export interface Statement {
  name?: string;
  text: string;
  values: unknown[];
  /** It waits for the disk, and all behind it on its lane with it: others are sent elsewhere. */
  writes?: boolean;
}

/** Statements under way on one lane at most: one that takes long holds up those behind it, so there must not be many. */
const FULL = 32;

/** As many reads as take about the time that a write waits for the disk. */
const WEIGHT_OF_WRITE = 8;

/** A lane keeps every statement that it has prepared, so it begins afresh after this many of them, or milliseconds. */
const MOST_PREPARED = 500;
const LIFETIME = 1_800_000;

interface Lane {
  /** Undefined until it is needed, and after it broke. */
  client: Promise<pg.Client> | undefined;
  /** Statements without an answer yet, and what they weigh. */
  underWay: number;
  weight: number;
  /** When it was opened last, on the clock of `performance.now()`. */
  opened: number;
  /** Names of the statements it has prepared. */
  prepared: Set<string>;
}

/**
 * `count` lanes, possibly none. They connect when first used. One that leaves a statement without an answer for `patience`
 * milliseconds is broken.
 */
export function createLanes(settings: pg.ClientConfig, count: number, patience: number): Lanes {
  const lanes = Array.from(
    { length: count },
    (): Lane => ({ client: undefined, underWay: 0, weight: 0, opened: 0, prepared: new Set() }),
  );

  const run = async <Row extends pg.QueryResultRow>(lane: Lane, { writes, ...statement }: Statement) => {
    const weight = writes ? WEIGHT_OF_WRITE : 1;
    lane.underWay += 1;
    lane.weight += weight;
    try {
      if (lane.prepared.size >= MOST_PREPARED || performance.now() - lane.opened > LIFETIME) void retire(lane);
      const connected = lane.client ?? open(lane, settings);
      if (statement.name !== undefined) lane.prepared.add(statement.name);
      const client = await connected;
      gather(client);
      return await answerOf<Row>(client, statement, patience);
    } catch (error) {
      throw withCode(error as Error);
    } finally {
      lane.underWay -= 1;
      lane.weight -= weight;
    }
  };
  return {
    query(statement) {
      let best: Lane | undefined;
      for (const lane of lanes) {
        if (lane.underWay < FULL && (best === undefined || lane.weight < best.weight)) best = lane;
      }
      return best && run(best, statement);
    },
    async close() {
      await Promise.all(lanes.map(retire));
    },
  };
}

function open(lane: Lane, settings: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ ...settings, pipeline: true });
  const connected = client.connect().then(() => client);
  const gone = () => {
    if (lane.client === connected) lane.client = undefined;
  };
  // Whoever waits for an answer is told as well. Without a listener the event would end the process.
  client.on("error", gone);
  client.on("end", gone);
  connected.catch(gone);
  lane.client = connected;
  lane.opened = performance.now();
  lane.prepared.clear();
  return connected;
}

/** Has a lane begin afresh with the next statement. What is under way is still answered. */
async function retire(lane: Lane): Promise<void> {
  const { client } = lane;
  lane.client = undefined;
  await client?.then(
    (one) => one.end(),
    () => undefined,
  );
}

/**
 * The answer to one statement. pg's own promise and its `query_timeout` each assign a function to a property, which V8 creates
 * among what lives long: whatever such a function can see, as each answer here, then waits for a full collection.
 */
function answerOf<Row extends pg.QueryResultRow>(client: pg.Client, statement: Statement, patience: number) {
  return new Promise<pg.QueryResult<Row>>((resolve, reject) => {
    // All that wait for this connection are told.
    const timer = setTimeout(() => streamOf(client).destroy(), patience);
    const answered = (error: Error | null, result: pg.QueryResult<Row>) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve(result);
    };
    client.query<Row>(statement, answered);
  });
}

const streamOf = (client: pg.Client) => (client as unknown as { connection: { stream: Duplex } }).connection.stream;

/** What this turn of the event loop writes to the connection leaves in one piece at its end. */
function gather(client: pg.Client): void {
  const stream = streamOf(client);
  if (stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

/** What PostgreSQL refuses has a code. pg gives none to a connection that ended or did not answer in time. */
const withCode = (error: Error) => ("code" in error ? error : Object.assign(error, { code: "ECONNRESET" }));

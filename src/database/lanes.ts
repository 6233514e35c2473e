import type pg from "pg";
import { cut, gather, type LaneConnection, laneConnection, withCode } from "./laneConnection.ts";

/**
 * Connections that carry many statements at a time. A pool gives a connection to one request until it is answered, so
 * each statement costs a write and a read of its own; a lane sends what came in together in one write and takes the answers as
 * they come. Each statement is a transaction of its own and fails alone.
 */
export interface Lanes {
  /**
   * Runs one statement by itself on the lane with the least to do. Undefined, with nothing sent, when all have their fill:
   * then the pool's queue, which does not wait for ever, is the place. Throws what PostgreSQL refuses, and codes of
   * connections that broke.
   */
  query<Row extends pg.QueryResultRow>(statement: Statement): Promise<Row[]> | undefined;
  /** Ends every connection, after what is under way. */
  close(): Promise<void>;
}

/** One statement; with a name it is prepared on each connection. */
export interface Statement {
  name?: string;
  text: string;
  values: unknown[];
}

/** Statements under way on one lane at most: one that takes long holds up those behind it, so there must not be many. */
const FULL = 32;

interface Lane {
  connection: LaneConnection;
  /** Statements without an answer yet. */
  underWay: number;
}

/**
 * `count` lanes, possibly none. They connect when first used. One that leaves a statement without an answer for `patience`
 * milliseconds is broken.
 */
export function createLanes(settings: pg.ClientConfig, count: number, patience: number): Lanes {
  const lanes = Array.from(
    { length: count },
    (): Lane => ({ connection: laneConnection({ ...settings, pipeline: true }), underWay: 0 }),
  );

  const run = async <Row extends pg.QueryResultRow>(lane: Lane, statement: Statement) => {
    lane.underWay += 1;
    try {
      const connected = lane.connection.open();
      if (statement.name !== undefined) lane.connection.prepared.add(statement.name);
      const client = await connected;
      gather(client);
      return await answerOf<Row>(client, statement, patience);
    } catch (error) {
      throw withCode(error as Error);
    } finally {
      lane.underWay -= 1;
    }
  };
  return {
    query(statement) {
      let best: Lane | undefined;
      for (const lane of lanes) {
        if (lane.underWay < FULL && (best === undefined || lane.underWay < best.underWay)) best = lane;
      }
      return best && run(best, statement);
    },
    async close() {
      await Promise.all(lanes.map(({ connection }) => connection.retire()));
    },
  };
}

/**
 * The answer to one statement. pg's own promise and its `query_timeout` each assign a function to a property, which V8 creates
 * among what lives long: whatever such a function can see, as each answer here, then waits for a full collection.
 */
function answerOf<Row extends pg.QueryResultRow>(client: pg.Client, statement: Statement, patience: number) {
  return new Promise<Row[]>((resolve, reject) => {
    const timer = setTimeout(cut, patience, client);
    const answered = (error: Error | null, result: pg.QueryResult<Row>) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve(result.rows);
    };
    client.query<Row>(statement, answered);
  });
}

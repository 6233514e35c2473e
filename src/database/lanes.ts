import type pg from "pg";
import { createLane, type Lane } from "./lane.ts";

/**
 * Connections for statements that are asked all day. A pool gives a connection to one request until it is answered, so each
 * statement costs a transaction, a write and a read of its own, and each write a wait for the disk. A lane sends what has come in
 * while it was busy together, as one transaction; what comes in alone goes out alone. Nobody is told of a write before it is
 * safe, and a statement that PostgreSQL refuses fails alone.
 */
export interface Lanes {
  /**
   * Runs one statement on the lane with the least to do, or by itself elsewhere when all have their fill, are slow or have just
   * broken. Throws what PostgreSQL refuses, and codes of connections that broke or were not free in time.
   */
  query<Row extends pg.QueryResultRow>(statement: Statement): Promise<Row[]>;
  /** Ends every connection, after what was asked. */
  close(): Promise<void>;
}

/** One statement; with a name it is prepared on each connection. */
export interface Statement {
  name?: string;
  text: string;
  values: unknown[];
}

/** What lanes are made of. */
export interface LaneSettings {
  connection: pg.ClientConfig;
  /** What the statements write is undone where one of them is refused; reads are not. */
  writes: boolean;
  /** Milliseconds that a statement waits at most for its transaction to begin. */
  acquireTimeout: number;
  /** Milliseconds without an answer after which a connection is broken. */
  patience: number;
  /** Runs a statement by itself, elsewhere. */
  alone(statement: Statement): Promise<Record<string, unknown>[]>;
}

/** `count` lanes, possibly none. They connect when first used. */
export function createLanes(count: number, settings: LaneSettings): Lanes {
  const lanes = Array.from({ length: count }, () => createLane(settings));
  return {
    query<Row extends pg.QueryResultRow>(statement: Statement) {
      let best: Lane | undefined;
      let least = Number.POSITIVE_INFINITY;
      for (const lane of lanes) {
        const load = lane.load();
        if (load < least) [best, least] = [lane, load];
      }
      return (best?.query<Row>(statement) ?? settings.alone(statement)) as Promise<Row[]>;
    },
    async close() {
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

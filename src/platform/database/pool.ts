import type { Duplex } from "node:stream";
import pg from "pg";
import { databaseTime, timedOut } from "./databaseTime.ts";
import { retryConflicts } from "./retryConflicts.ts";

type Connected = Parameters<pg.Pool["connect"]>[0];
type Released = Parameters<NonNullable<Connected>>[1];

/**
 * A pool whose errors have codes, and which never waits longer than the request has left (`databaseTime`). A statement that
 * conflicted with another transaction is sent again. A connection that does not respond for `answerTimeout` milliseconds
 * is destroyed, because a firewall or a frozen server may never close it.
 */
export class Pool extends pg.Pool {
  constructor({ answerTimeout, ...config }: pg.PoolConfig & { answerTimeout: number }) {
    super({ ...config, Client: clientWith(answerTimeout) } as pg.PoolConfig);
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    if (!callback) return this.#connectInTime();
    super.connect((error, client, done) => callback(error && withTimeoutCode(error), client, done));
  }

  // biome-ignore lint/suspicious/noExplicitAny: the overloads of pg's types cannot be repeated here.
  override query(...args: any[]): any {
    // Only the form with a promise can be sent again.
    if (args.some((one) => typeof one === "function") || typeof args[0]?.submit === "function") {
      return super.query(...(args as Parameters<pg.Pool["query"]>));
    }
    return retryConflicts(() => this.#queryOnce(args));
  }

  async #queryOnce(args: unknown[]): Promise<pg.QueryResult> {
    const client = await this.connect();
    try {
      const result = await client.query(...(args as [string]));
      client.release();
      return result;
    } catch (error) {
      // After an error that PostgreSQL reported, the connection is still good.
      client.release(!(error instanceof pg.DatabaseError) || error.severity !== "ERROR");
      throw error;
    }
  }

  async #connectInTime(): Promise<pg.PoolClient> {
    const time = databaseTime();
    time?.begin();
    try {
      const left = time?.left() ?? Number.POSITIVE_INFINITY;
      // The pool itself stops waiting after connectionTimeoutMillis.
      if (left > (this.options.connectionTimeoutMillis ?? 0)) return await super.connect();
      return await this.#connectWithin(left);
    } catch (error) {
      throw withTimeoutCode(error as Error);
    } finally {
      time?.end();
    }
  }

  #connectWithin(limit: number): Promise<pg.PoolClient> {
    return new Promise((resolve, reject) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        reject(timedOut("No database connection became free in time"));
      }, limit);
      super.connect((error: Error | undefined, client: Released) => {
        clearTimeout(timer);
        if (error || !client) reject(error);
        else if (late) client.release();
        else resolve(client);
      });
    });
  }
}

/** pg's errors for a connection timeout have no code. */
const withTimeoutCode = (error: Error) => ("code" in error ? error : Object.assign(error, { code: "ETIMEDOUT" }));

/** Clients that destroy a connection without a response for `answerTimeout` milliseconds, or as long as the request has. */
const clientWith = (answerTimeout: number) =>
  class extends pg.Client {
    #broken = false;

    constructor(config?: string | pg.ClientConfig) {
      super(config);
      this.on("error", () => {
        this.#broken = true;
      });
    }

    // biome-ignore lint/suspicious/noExplicitAny: the overloads of pg's types cannot be repeated here.
    override query(...args: any[]): any {
      if (args.some((one) => typeof one === "function") || typeof args[0]?.submit === "function") {
        return super.query(...(args as Parameters<pg.Client["query"]>));
      }
      return this.#queryInTime(args);
    }

    async #queryInTime(args: unknown[]): Promise<pg.QueryResult> {
      const time = databaseTime();
      const limit = Math.min(answerTimeout, time?.left() ?? Number.POSITIVE_INFINITY);
      let late = limit <= 0;
      const giveUp = () => {
        late = true;
        destroy(this);
      };
      // Ends an open transaction, which could not be rolled back any more.
      if (late) giveUp();
      const timer = late ? undefined : setTimeout(giveUp, limit);
      time?.begin();
      try {
        return await super.query(...(args as [string]));
      } catch (error) {
        if (late) throw timedOut("The database did not respond in time");
        throw this.#broken && !("code" in (error as Error))
          ? Object.assign(error as Error, { code: "ECONNRESET" })
          : error;
      } finally {
        time?.end();
        clearTimeout(timer);
      }
    }
  };

const destroy = (client: pg.Client): void =>
  void (client as unknown as { connection: { stream: Duplex } }).connection.stream.destroy();

import { createConnection, type Socket } from "node:net";
import { responseReader } from "./responseReader.ts";

/** The requests that connections send. */
export interface Traffic {
  /** The nth request of all connections together. */
  first(n: number): Buffer;
  /** The second request of a pair, made from the first response. A pair counts as one. */
  followUp?: (n: number, body: Buffer) => Buffer;
}

/** The result of a load. */
export interface LoadResult {
  /** Completed requests, or pairs. */
  count: number;
  /** Responses with a status other than 2xx or with errors, and broken connections. */
  failures: number;
  /** The first such response. */
  failure?: string;
  /** Its duration in seconds. */
  seconds: number;
  /** Milliseconds of each request, or pair, in ascending order. */
  latencies: number[];
}

/** A connection without a response for this long counts as broken, in milliseconds. */
const NO_ANSWER = 20_000;

const ERRORS = Buffer.from('"errors":');

/**
 * Sends `traffic` over keep-alive connections for some seconds. Each connection sends the next request when it has a
 * response; with `rate`, all together send so many requests per second. Waits for running requests at the end. It is small
 * and sends prepared buffers, because it shares a CPU with PostgreSQL, which the servers need.
 */
export async function load(
  port: number,
  traffic: Traffic,
  options: { connections: number; seconds: number; rate?: number },
): Promise<LoadResult> {
  const result: LoadResult = { count: 0, failures: 0, seconds: 0, latencies: [] };
  const begun = performance.now();
  const end = begun + options.seconds * 1_000;
  let sent = 0;

  const fail = (what: string) => {
    result.failures += 1;
    result.failure ??= what;
  };

  const drive = (socket: Socket) =>
    new Promise<void>((done) => {
      let n = 0;
      let since = 0;
      let second = false;
      let finished = false;
      const next = () => {
        if (performance.now() >= end) {
          finished = true;
          return void socket.destroy();
        }
        n = sent++;
        const due = options.rate ? begun + (n * 1_000) / options.rate : 0;
        const wait = due - performance.now();
        const send = () => {
          since = performance.now();
          second = false;
          socket.write(traffic.first(n));
        };
        if (wait > 0) setTimeout(send, wait);
        else send();
      };
      const read = responseReader((status, body) => {
        const good = status >= 200 && status < 300 && !body.includes(ERRORS);
        if (!good) fail(`${status} ${body.toString("utf8", 0, 500)}`);
        if (good && traffic.followUp && !second) {
          second = true;
          socket.write(traffic.followUp(n, body));
          return;
        }
        result.count += 1;
        result.latencies.push(performance.now() - since);
        next();
      });
      socket.setNoDelay(true);
      socket.on("data", read);
      socket.setTimeout(NO_ANSWER, () => socket.destroy());
      socket.once("error", (error) => fail(error.message));
      socket.once("close", () => {
        if (!finished) fail(`the connection was closed, or gave no answer for ${NO_ANSWER / 1_000} s`);
        done();
      });
      socket.once("connect", next);
    });

  const sockets = Array.from({ length: options.connections }, () => createConnection(port, "127.0.0.1"));
  await Promise.all(sockets.map(drive));
  result.seconds = (performance.now() - begun) / 1_000;
  result.latencies.sort((one, other) => one - other);
  return result;
}

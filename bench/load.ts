import { createConnection, type Socket } from "node:net";
import { responseReader } from "./responseReader.ts";

/** What one connection sends over and over. */
export interface Traffic {
  /** The nth request, counted over all connections. */
  first(n: number): Buffer;
  /** What follows on its answer before the two count as one. */
  followUp?: (n: number, body: Buffer) => Buffer;
}

/** What came of a load. */
export interface LoadResult {
  /** Answered requests; of a pair, answered pairs. */
  count: number;
  /** Answers that were not 200 or told of errors, and broken connections. */
  failures: number;
  /** The first such answer. */
  failure?: string;
  /** How long it lasted. */
  seconds: number;
  /** Milliseconds of each request, or pair, rising. */
  latencies: number[];
}

/** A connection that is silent for this long is given up, in milliseconds. */
const NO_ANSWER = 20_000;

const ERRORS = Buffer.from('"errors":');

/**
 * Sends `traffic` over keep-alive connections for some seconds, each connection asking as soon as it has its answer, or
 * all together at `rate` requests per second when given. What is under way at the end is waited for. Kept this small, and
 * made of ready buffers, because it shares a CPU with PostgreSQL: what it takes, no server can use.
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
        const good = status === 200 && !body.includes(ERRORS);
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

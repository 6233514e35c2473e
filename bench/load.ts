import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { responseReader } from "./responseReader.ts";

/** The requests that connections send. */
export interface Traffic {
  /** The nth request of all connections together. */
  first(n: number): Buffer;
  /** The second request of a pair, made from the first response; undefined for a request alone. A pair counts as one. */
  followUp?: (n: number, body: Buffer) => Buffer | undefined;
}

/** The result of a load. */
export interface LoadResult {
  /** Completed requests, or pairs. */
  count: number;
  /** Responses with a status other than 2xx or with errors, and broken connections. */
  failures: number;
  /** The first such response. */
  failure?: string;
  /** With `mayRefuse`, responses of status 503. They are neither failures nor completed. */
  refused: number;
  /** Its duration in seconds. */
  seconds: number;
  /** Milliseconds of each request, or pair, in ascending order; with a rate, from when it was due. */
  latencies: number[];
}

/** A connection without a response for this long counts as broken, in milliseconds. */
const NO_ANSWER = 20_000;

const ERRORS = Buffer.from('"errors":');

/**
 * Sends `traffic` over keep-alive connections for some seconds. Each connection sends the next request when it has a
 * response; with `rate`, all together send so many requests per second, and one that is sent late counts from when it was
 * due, unless the server may refuse some: then this process cannot be told from the server. Waits for running requests at the end. It is small
 * and sends prepared buffers, because it shares a CPU with PostgreSQL, which the servers need.
 */
export async function load(
  port: number,
  traffic: Traffic,
  options: { connections: number; seconds: number; rate?: number; mayRefuse?: boolean },
): Promise<LoadResult> {
  const result: LoadResult = { count: 0, failures: 0, refused: 0, seconds: 0, latencies: [] };
  const sockets = await connected(port, options.connections);
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
          since = options.rate && !options.mayRefuse ? due : performance.now();
          second = false;
          socket.write(traffic.first(n));
        };
        if (wait > 0) setTimeout(send, wait);
        else send();
      };
      const read = responseReader((status, body) => {
        if (status === 503 && options.mayRefuse) {
          result.refused += 1;
          return next();
        }
        const good = status >= 200 && status < 300 && !body.includes(ERRORS);
        if (!good) fail(`${status} ${body.toString("utf8", 0, 500)}`);
        const followUp = good && !second ? traffic.followUp?.(n, body) : undefined;
        if (followUp) {
          second = true;
          socket.write(followUp);
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
      next();
    });

  await Promise.all(sockets.map(drive));
  result.seconds = (performance.now() - begun) / 1_000;
  result.latencies.sort((one, other) => one - other);
  return result;
}

/** Connections that are opened at the same time. */
const TOGETHER = 100;

/**
 * Connections that the server has accepted: the kernel opens them before, and a server that is busy accepts few of them at a
 * time. Throws if one cannot be opened.
 */
async function connected(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(TOGETHER, count - sockets.length) }, () =>
      createConnection(port, "127.0.0.1"),
    );
    await Promise.all(some.map((socket) => once(socket, "connect")));
    await Promise.all(some.map(accepted));
    sockets.push(...some);
  }
  return sockets;
}

async function accepted(socket: Socket): Promise<void> {
  const answered = new Promise<void>((resolve) =>
    socket.on(
      "data",
      responseReader(() => resolve()),
    ),
  );
  socket.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await answered;
  socket.removeAllListeners("data");
}

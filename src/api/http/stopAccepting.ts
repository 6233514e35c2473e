import { Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";

/**
 * Milliseconds without a new request after which the connections are taken to be unused, and the maximum wait for that.
 */
const QUIET = 500;
const MAX_WAIT = 2_000;

/**
 * Milliseconds that a turn of the event loop may take for the listener to be closed at its end, and to wait for such a
 * turn.
 */
const SHORT_TURN = 0.2;
const MAX_ACCEPTING = 1_000;

/**
 * Stops listening without failing requests: accepts the connections that clients have already opened, then waits until
 * no more requests arrive on the open ones. The server must be sending `connection: close`, so that each connection has
 * at most one more request. Closing the server afterwards closes idle connections, and a request on its way would fail.
 */
export async function stopAccepting({ server }: FastifyInstance): Promise<void> {
  let accepted = true;
  let last = performance.now();
  server.on("connection", () => {
    accepted = true;
    last = performance.now();
  });
  server.on("request", () => {
    last = performance.now();
  });
  // Node accepts one connection per turn of the event loop, and the kernel resets those that still wait when the
  // listener is closed. After a short turn without one, there has been almost no time for another.
  const until = performance.now() + MAX_ACCEPTING;
  for (let began = 0; accepted || performance.now() - began > SHORT_TURN; ) {
    accepted = false;
    began = performance.now();
    if (began > until) break;
    await new Promise(setImmediate);
  }
  // The method of the HTTP server would also close connections whose first request has not arrived yet.
  Server.prototype.close.call(server);
  const end = performance.now() + MAX_WAIT;
  for (let left = QUIET; left > 0; left = Math.min(last + QUIET, end) - performance.now()) await sleep(left);
}

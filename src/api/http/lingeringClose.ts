import type { IncomingMessage } from "node:http";
import type { Server } from "./createServer.ts";

/** Milliseconds for which bytes are discarded that arrive after the response. */
const LINGER = 2_000;

/**
 * Lets clients read a response that is sent before their request has arrived completely, as 413 is. A connection that is
 * closed with unread bytes is reset, and the client's system may discard the response with it (RFC 9112, section 9.6): so
 * only our side is closed at first.
 */
export function addLingeringClose(server: Server): void {
  server.addHook("onSend", (request, reply, _payload, done) => {
    if (reply.getHeader("connection") === "close" && !request.raw.complete) linger(request.raw);
    done();
  });
}

function linger(request: IncomingMessage) {
  const { socket } = request;
  // Node calls this after the last byte of the response.
  socket.destroySoon = () => {
    socket.end();
    request.resume();
    const timer = setTimeout(() => socket.destroy(), LINGER);
    socket.once("close", () => clearTimeout(timer));
  };
}

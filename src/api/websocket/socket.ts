import { WebSocket } from "ws";
import type { Client } from "../../access/context.ts";

/** The WebSocket of one client, as used by the sub-protocols. */
export interface ClientSocket {
  /** The `authorization` header of the request that opened it, for clients that can set headers. */
  authorization: string | undefined;
  /** Who opened it. */
  sender: Client;
  /** Resolves when the text has been sent, so that events wait for slow clients. Does nothing if the socket is closed. */
  send(text: string): Promise<void>;
  close(code: number, reason: string): void;
}

/** Bytes that may be buffered for one client before it is disconnected. */
const MAX_BUFFERED = 1_048_576;

/** Whether too much is buffered for the client. */
export const isBehind = (socket: WebSocket) => socket.bufferedAmount > MAX_BUFFERED;

export function clientSocket(socket: WebSocket, authorization: string | undefined, sender: Client): ClientSocket {
  return {
    authorization,
    sender,
    send(text) {
      if (isBehind(socket)) socket.terminate();
      if (socket.readyState !== WebSocket.OPEN) return Promise.resolve();
      return new Promise((resolve) => {
        socket.send(text, () => resolve());
      });
    },
    close: (code, reason) => socket.close(code, reason),
  };
}

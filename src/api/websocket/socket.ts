import { WebSocket } from "ws";

/** One client's WebSocket, as the sub-protocols see it. */
export interface ClientSocket {
  /** The header `authorization` of the request that opened it, for clients that can set one. */
  authorization: string | undefined;
  /** Resolves when the text has left, so that events wait for slow readers instead of piling up. A closed client takes nothing. */
  send(text: string): Promise<void>;
  close(code: number, reason: string): void;
}

/** Bytes that may wait for one reader; then it is cut off. */
const MAX_WAITING = 1_048_576;

/** Whether more waits for the reader than should. */
export const isBehind = (socket: WebSocket) => socket.bufferedAmount > MAX_WAITING;

export function clientSocket(socket: WebSocket, authorization: string | undefined): ClientSocket {
  return {
    authorization,
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

import type { Answer, Someone } from "./as.ts";
import { openAs, operationsOn, protocols } from "./sockets.ts";

/** What a caller is told about a document: without `status` over a socket. */
export interface Verdict {
  status?: number;
  errors: NonNullable<Answer["errors"]>;
  data: Answer["data"];
}

/** A way in for GraphQL documents. */
export interface Door {
  name: string;
  send(query: string, variables?: Record<string, unknown>): Promise<Verdict>;
}

/** Every way in for GraphQL: the endpoints `/v1` and `/alpha`, and both WebSocket sub-protocols. */
export const doorsOf = (url: string, someone?: Someone): Door[] => [
  ...["/v1", "/alpha"].map((path) => ({ name: path, send: overHttp(`${url}${path}`, someone) })),
  ...protocols.map((protocol) => ({
    name: protocol,
    async send(query: string, variables?: Record<string, unknown>) {
      const socket = await openAs(url, protocol, someone?.token);
      try {
        operationsOn(socket).start("1", query, variables);
        const { type, payload } = await socket.next(({ id }) => id === "1");
        if (type !== "error") return { errors: payload.errors ?? [], data: payload.data };
        // graphql-ws puts several errors into the first one.
        return { errors: Array.isArray(payload) ? payload : (payload.errors ?? [payload]), data: undefined };
      } finally {
        socket.socket.terminate();
      }
    },
  })),
];

const overHttp = (address: string, someone: Someone) => async (query: string, variables?: Record<string, unknown>) => {
  const response = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json", ...(someone && { authorization: someone.token }) },
    body: JSON.stringify({ query, variables }),
  });
  const { errors = [], data } = (await response.json()) as Answer;
  return { status: response.status, errors, data };
};

import type { ClientSocket } from "./socket.ts";

/** A sub-protocol's handling of one client. */
export interface Session {
  message(text: string): void;
  /** Called at each ping interval. */
  beat(): void;
  /** Called when the socket is closed: ends its operations. */
  closed(code: number, reason: string): void;
  /** Number of active operations. */
  count(): number;
  /** Whether no valid credential has been received. */
  anonymous(): boolean;
}

/** Limits of both sub-protocols. */
export interface SessionLimits {
  /** Maximum number of concurrent operations. */
  perSocket: number;
  /** Time a client has to send `connection_init`, in milliseconds. */
  initTimeout: number;
}

/**
 * Whether no further operation may start. `active` includes stopped operations that have not finished yet: as many of
 * them are allowed as may run, so that a client can stop all its operations and start new ones immediately.
 */
export const isFull = ({ perSocket }: SessionLimits, running: number, active: number) =>
  running >= perSocket || active >= 2 * perSocket;

export const fullMessage = ({ perSocket }: SessionLimits) =>
  `At most ${perSocket} concurrent operations are allowed on one connection`;

/** Why a client with an invalid token is disconnected. */
export const BAD_TOKEN = "The token is invalid or expired";

/**
 * The close code for an invalid token. The client library of graphql-transport-ws takes 4401 as final, but connects
 * again and again after 4403: there, the same token might be accepted later.
 */
export const BAD_TOKEN_CODE = 4401;

/**
 * The token in the payload of `connection_init`: `authorization` in any case, at the top or under `headers`; else the
 * one in the header of the HTTP request. Throws a TypeError if it is not a string.
 */
export function tokenIn(payload: unknown, client: ClientSocket): string | undefined {
  const token = authorizationIn(payload) ?? authorizationIn(memberOf(payload, "headers")) ?? client.authorization;
  if (token === undefined || token === null || typeof token === "string") return token ?? undefined;
  throw new TypeError("authorization: must be a string");
}

const authorizationIn = (part: unknown) => memberOf(part, "authorization");

/** The first member of an object with this name in any case that is not null, as header names are compared. */
function memberOf(part: unknown, name: string): unknown {
  if (typeof part !== "object" || part === null) return undefined;
  const found = Object.entries(part).find(([key, value]) => key.toLowerCase() === name && value != null);
  return found?.[1];
}

/** The operation in the payload of a message; undefined if the payload is invalid. */
export function requestIn(payload: unknown) {
  if (typeof payload !== "object" || payload === null) return undefined;
  const { query, variables, operationName } = payload as Record<string, unknown>;
  if (typeof query !== "string") return undefined;
  const isObject = typeof variables === "object" && !Array.isArray(variables);
  if (variables !== undefined && !isObject) return undefined;
  return {
    query,
    variables: (variables ?? undefined) as Record<string, unknown> | undefined,
    operationName: typeof operationName === "string" && operationName !== "" ? operationName : undefined,
  };
}

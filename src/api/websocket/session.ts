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

/** The token in the payload of `connection_init`, else in the header. Throws if it is not a string. */
export function tokenIn(payload: unknown, client: ClientSocket): string | undefined {
  const params = payload as { authorization?: unknown; Authorization?: unknown } | null | undefined;
  const token = params?.authorization ?? params?.Authorization ?? client.authorization;
  if (token === undefined || token === null || typeof token === "string") return token ?? undefined;
  throw new TypeError("authorization: must be a string");
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

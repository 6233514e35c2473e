import type { ClientSocket } from "./socket.ts";

/** How a sub-protocol goes on with a client. */
export interface Session {
  message(text: string): void;
  /** A sign of life is due. */
  beat(): void;
  /** The client is gone: ends everything that ran on it. */
  closed(code: number, reason: string): void;
  /** Executor under way. */
  count(): number;
  /** Whether nobody in particular is there: no good token has come. */
  anonymous(): boolean;
}

/** What both protocols keep to. */
export interface SessionLimits {
  /** Executor at the same time. */
  perSocket: number;
  /** Milliseconds until a client has introduced itself. */
  initTimeout: number;
}

/**
 * Whether another operation is one too many, beside those that run and those that are still at work. One that is stopped
 * works on until it notices: as many of them as may run are let be, so that a client may stop all and start others at once.
 */
export const isFull = ({ perSocket }: SessionLimits, running: number, atWork: number) =>
  running >= perSocket || atWork >= 2 * perSocket;

export const fullMessage = ({ perSocket }: SessionLimits) =>
  `At most ${perSocket} operations at a time on one connection`;

/** The token in the payload of `connection_init`, else in the header. Throws for one that is no text. */
export function tokenIn(payload: unknown, client: ClientSocket): string | undefined {
  const given = payload as { authorization?: unknown; Authorization?: unknown } | null | undefined;
  const token = given?.authorization ?? given?.Authorization ?? client.authorization;
  if (token === undefined || token === null || typeof token === "string") return token ?? undefined;
  throw new TypeError("authorization is no text");
}

/** The operation in a message's payload; undefined when it is none. */
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

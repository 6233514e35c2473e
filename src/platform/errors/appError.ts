import { shortened } from "./shortened.ts";

/** Every code a caller can receive, and its HTTP status on REST routes. Codes are part of the contract. */
export const statusOf = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  TOO_MANY_REQUESTS: 429,
  WORKSPACE_SUSPENDED: 409,
  FEATURE_DISABLED: 422,
  BILLING_NOT_CONFIGURED: 422,
  LOGGING_NOT_CONFIGURED: 422,
  METRICS_NOT_CONFIGURED: 422,
  SERVICE_UNAVAILABLE: 503,
  CLUSTER_UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
} as const;

export type ErrorCode = keyof typeof statusOf;

/** The row that a CONFLICT is about: an entity of src/query and a condition on its rows. */
export interface ExistingRow {
  entity: string;
  where: object;
}

/** What an error tells programs, in addition to its code. */
export interface ErrorDetails {
  /** The permissions that would have been enough: any of them on the row's scope. */
  permission?: readonly string[];
  /** The ID of the row that a CONFLICT is about. */
  id?: string;
  /** That row, until its ID has been looked up with the caller's rights. */
  existing?: ExistingRow | undefined;
  /** When to try again, in whole seconds from now. */
  retryAfter?: number;
}

/** Maximum length of the name of the argument at fault: keys of JSON are the caller's. */
const MAX_ARGUMENT = 200;

/** An error whose message may be shown to the caller. Message and argument are cut, because they may quote input. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** The argument at fault, if there is one: `workspaceUuid`, `payload.label`. */
  readonly argument: string | undefined;
  readonly permission: readonly string[];
  readonly id: string | undefined;
  readonly existing: ExistingRow | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, message: string, argument?: string, details: ErrorDetails = {}) {
    super(shortened(message));
    this.name = "AppError";
    this.code = code;
    this.argument = argument === undefined ? undefined : shortened(argument, MAX_ARGUMENT);
    this.permission = details.permission ?? [];
    this.id = details.id;
    this.existing = details.existing;
    this.retryAfter = details.retryAfter;
  }
}

/** Clients compare this text exactly. It is the same for denied, unauthenticated and expired. */
export const DENIED = "You do not have the appropriate permissions for that";

/** `permission`: the keys that would have been enough. They must not depend on rows that the caller may not see. */
export const forbidden = (permission: readonly string[] = []) =>
  new AppError("FORBIDDEN", DENIED, undefined, { permission });
export const unauthenticated = (permission: readonly string[] = []) =>
  new AppError("UNAUTHENTICATED", DENIED, undefined, { permission });
/** For a caller who has to wait; `wait` is in milliseconds. */
export function tooManyRequests(wait: number): AppError {
  const retryAfter = Math.max(Math.ceil(wait / 1_000), 1);
  const message = `Too many attempts: try again in ${retryAfter} seconds`;
  return new AppError("TOO_MANY_REQUESTS", message, undefined, { retryAfter });
}
export const badInput = (argument: string, message: string) =>
  new AppError("BAD_USER_INPUT", `${argument}: ${message}`, argument);

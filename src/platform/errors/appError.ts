/** Every code a caller can receive, and its HTTP status on REST routes. Codes are part of the contract. */
export const statusOf = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
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

/** An error whose message may be shown to the caller. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** The argument at fault, if there is one: `workspaceUuid`, `payload.label`. */
  readonly argument: string | undefined;

  constructor(code: ErrorCode, message: string, argument?: string) {
    super(message);
    this.name = "AppError";
    this.code = code;
    this.argument = argument;
  }
}

/** Clients compare this text exactly. It is the same for denied, unauthenticated and expired. */
export const DENIED = "You do not have the appropriate permissions for that";

export const forbidden = () => new AppError("FORBIDDEN", DENIED);
export const unauthenticated = () => new AppError("UNAUTHENTICATED", DENIED);
export const badInput = (argument: string, message: string) =>
  new AppError("BAD_USER_INPUT", `${argument}: ${message}`, argument);

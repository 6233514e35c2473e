import { GraphQLError } from "graphql";
import { z } from "zod";

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

/** Parses `input` with `schema`. Throws BAD_USER_INPUT that names each invalid argument and what is allowed. */
export function parse<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw fromZod(result.error);
}

function fromZod(error: z.ZodError): AppError {
  const lines = error.issues.map((issue) => {
    const path = issue.path.join(".") || "input";
    return issue.code === "unrecognized_keys"
      ? `${[...issue.path, issue.keys.join(", ")].join(".")}: is not a known field`
      : `${path}: ${issue.message}`;
  });
  return new AppError("BAD_USER_INPUT", lines.join("; "), error.issues[0]?.path.join("."));
}

interface PrismaError {
  code: string;
  meta?: { modelName?: string; driverAdapterError?: { cause?: { originalCode?: string; table?: string } } };
}

/** The AppError for a violated unique index or foreign key. Decided by error codes; messages are never parsed. */
function fromPrisma({ code, meta }: PrismaError): AppError | undefined {
  // A hand-written statement fails as P2010, with PostgreSQL's own code inside.
  const cause = code === "P2010" ? meta?.driverAdapterError?.cause : undefined;
  const model = String(meta?.modelName ?? cause?.table ?? "object");
  const reason = cause?.originalCode ?? code;
  if (reason === "P2002" || reason === "23505") {
    return new AppError("CONFLICT", `This ${model} already exists: one of its unique values is already in use`);
  }
  if (reason === "P2025") return new AppError("NOT_FOUND", `${model} not found`);
  if (reason === "P2003" || reason === "23503") {
    return new AppError("NOT_FOUND", `${model} refers to a row that does not exist`);
  }
  if (unavailable.test(reason)) return new AppError("SERVICE_UNAVAILABLE", UNAVAILABLE);
  return undefined;
}

/** Temporary errors of PostgreSQL and the pool, by SQLSTATE class or errno; class 40 is a serialization conflict. */
const unavailable = /^(08|40|53|57|ECONN|ETIMEDOUT|EPIPE)|^P1001$|^P1002$|^P1008$|^P2024$|^P2028$|^P2034$/;

const UNAVAILABLE = "The database is temporarily unavailable; try again";

/** The error that the caller may see, or undefined if the thrown value must not be shown. */
export function asAppError(thrown: unknown): AppError | undefined {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof z.ZodError) return fromZod(thrown);
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const { code, cause, name } = thrown as { code?: unknown; cause?: unknown; name?: string };
  if (typeof code === "string" && (name === "PrismaClientKnownRequestError" || /^23\d/.test(code))) {
    const known = fromPrisma(thrown as PrismaError);
    if (known) return known;
  }
  if ((typeof code === "string" && unavailable.test(code)) || name === "PoolTimeoutError") {
    return new AppError("SERVICE_UNAVAILABLE", UNAVAILABLE);
  }
  return cause === undefined ? undefined : asAppError(cause);
}

/** Renders an error for GraphQL. Unexpected errors become an internal error without details. */
export function toGraphQLError(thrown: unknown): GraphQLError {
  const known = asAppError(thrown);
  if (!known) return new GraphQLError("Internal server error", { extensions: { code: "INTERNAL_SERVER_ERROR" } });
  const argument = known.argument === undefined ? {} : { argument: known.argument };
  return new GraphQLError(known.message, { extensions: { code: known.code, ...argument } });
}

/** Renders an error for REST: a status and a body. */
export function toHttp(thrown: unknown): {
  statusCode: number;
  body: { code: ErrorCode; message: string; argument?: string };
} {
  const known = asAppError(thrown) ?? new AppError("INTERNAL_SERVER_ERROR", "Internal server error");
  const argument = known.argument === undefined ? {} : { argument: known.argument };
  return { statusCode: statusOf[known.code], body: { code: known.code, message: known.message, ...argument } };
}

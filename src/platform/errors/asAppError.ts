import { z } from "zod";
import { AppError } from "./appError.ts";
import { fromZod } from "./parse.ts";

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

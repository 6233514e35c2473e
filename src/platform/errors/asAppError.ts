import { z } from "zod";
import { AppError } from "./appError.ts";
import { databaseCode } from "./databaseCode.ts";
import { fromZod } from "./parse.ts";

interface PrismaError {
  meta?: { modelName?: string; driverAdapterError?: { cause?: { table?: string } } };
}

/**
 * Errors that pass: of PostgreSQL (by SQLSTATE, often a whole class of them), of the network (by the name that Node gives
 * them) and of Prisma.
 */
const unavailable = new RegExp(
  `^(${[
    // Connection lost; conflict with another transaction; disk, memory or connections used up; canceled or shut down.
    ...["08", "40", "53", "57"],
    // A lock was not free in time; a transaction was idle or took too long; an input or output error of the disk.
    ...["55P03", "25P0[34]", "58030"],
    ...["ECONN", "ETIMEDOUT", "EPIPE", "EHOST", "ENET", "ENOTFOUND", "EAI_AGAIN"],
    ...["P1001$", "P1002$", "P1008$", "P1017$", "P2024$", "P2028$", "P2034$", "P2037$"],
  ].join("|")})`,
);

const UNAVAILABLE = "The database is temporarily unavailable; try again";

/** The AppError for a database error with this code. Decided by codes; messages are never parsed. */
function fromDatabase(code: string, { meta }: PrismaError): AppError | undefined {
  if (unavailable.test(code)) return new AppError("SERVICE_UNAVAILABLE", UNAVAILABLE);
  const model = String(meta?.modelName ?? meta?.driverAdapterError?.cause?.table ?? "object");
  switch (code) {
    case "P2002":
    case "23505":
      return new AppError("CONFLICT", `This ${model} already exists: one of its unique values is already in use`);
    case "P2025":
      return new AppError("NOT_FOUND", `${model} not found`);
    case "P2003":
    case "23503":
      return new AppError("NOT_FOUND", `${model} refers to a row that does not exist`);
    default:
      return undefined;
  }
}

/** The error that the caller may see, or undefined if the thrown value must not be shown. */
export function asAppError(thrown: unknown): AppError | undefined {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof z.ZodError) return fromZod(thrown);
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const code = databaseCode(thrown);
  const known = code === undefined ? undefined : fromDatabase(code, thrown as PrismaError);
  if (known) return known;
  const { cause } = thrown as { cause?: unknown };
  return cause === undefined ? undefined : asAppError(cause);
}

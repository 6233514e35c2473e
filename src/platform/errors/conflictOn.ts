import { AppError, type ExistingRow } from "./appError.ts";
import { asAppError } from "./asAppError.ts";

/**
 * Turns a rejection by a unique index into a CONFLICT that names `argument`; rethrows every other error. Callers who
 * may see the row `existing` get its ID.
 */
export const conflictOn =
  (argument: string, message: string, existing?: ExistingRow) =>
  (thrown: unknown): never => {
    if (thrown instanceof AppError || asAppError(thrown)?.code !== "CONFLICT") throw thrown;
    throw new AppError("CONFLICT", `${argument}: ${message}`, argument, { existing });
  };

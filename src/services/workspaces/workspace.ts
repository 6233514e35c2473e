import { AppError, asAppError } from "../../platform/errors/errors.ts";

/** Turns the unique index's refusal of a Workspace label into a CONFLICT that names the argument. */
export const labelTaken =
  (argument: string) =>
  (thrown: unknown): never => {
    if (asAppError(thrown)?.code !== "CONFLICT") throw thrown;
    throw new AppError("CONFLICT", `${argument}: another Workspace has this label; labels are unique`, argument);
  };

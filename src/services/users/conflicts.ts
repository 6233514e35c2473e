import { AppError, asAppError } from "../../platform/errors/errors.ts";

/** Turns a unique index's refusal of `argument` into a CONFLICT that names it. */
export const taken =
  (argument: string, message: string) =>
  (thrown: unknown): never => {
    if (asAppError(thrown)?.code !== "CONFLICT") throw thrown;
    throw new AppError("CONFLICT", `${argument}: ${message}`, argument);
  };

/** The CONFLICT of a username that another person has. */
export const usernameTaken = (argument: string) =>
  taken(argument, "another user has this username; choose another one");

/** The CONFLICT of an address that a user has. */
export const emailTaken = taken("email", "a user with this e-mail address exists already");

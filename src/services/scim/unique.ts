import { AppError } from "../../platform/errors/appError.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";
import { ScimError } from "./scimError.ts";

/** Turns a rejection by a unique index into a SCIM error about `attribute`; rethrows every other error. */
export const unique =
  (attribute: string, message: string) =>
  (thrown: unknown): never => {
    if (thrown instanceof AppError || asAppError(thrown)?.code !== "CONFLICT") throw thrown;
    throw new ScimError("uniqueness", `${attribute}: ${message}`, "CONFLICT");
  };

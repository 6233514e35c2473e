import { AppError, type ErrorCode } from "../../platform/errors/appError.ts";

/** The causes that RFC 7644 names. */
export type ScimType =
  | "invalidFilter"
  | "invalidPath"
  | "invalidSyntax"
  | "invalidValue"
  | "mutability"
  | "noTarget"
  | "tooMany"
  | "uniqueness";

/** An error with the cause that a SCIM client reads. */
export class ScimError extends AppError {
  readonly scimType: ScimType;

  constructor(scimType: ScimType, detail: string, code: ErrorCode = "BAD_USER_INPUT") {
    super(code, detail);
    this.scimType = scimType;
  }
}

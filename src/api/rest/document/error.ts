import { z } from "zod";

const FieldValidationError = z
  .strictObject({
    code: z.string().describe("What is wrong, such as too_big or CONFLICT."),
    field: z.string().describe("The parameter or the field of the body, with dots between its parts."),
    message: z.string().describe("What is allowed."),
  })
  .meta({ id: "FieldValidationError" });

/** The body of every error. */
export const RestError = z
  .strictObject({
    message: z.string(),
    requestId: z.string().describe("The same as the header x-request-id, and as in the log."),
    statusCode: z.int(),
    fieldErrors: z.array(FieldValidationError).optional().describe("The parts of the request that are at fault."),
  })
  .meta({ id: "Error" });

/** What each status of an error means. */
export const errorMeanings = {
  400: "The request is invalid; `fieldErrors` name the fields at fault.",
  401: "The token is missing, invalid or expired.",
  403: "The caller does not belong to the Organization, or lacks the permission.",
  404: "There is no such object in the Organization, or the caller cannot see it.",
  412: "The state of the objects does not allow the operation.",
  500: "Houston could not handle the request; its log has the `requestId`.",
} as const;

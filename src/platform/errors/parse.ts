import type { z } from "zod";
import { AppError } from "./appError.ts";

/** Parses `input` with `schema`. Throws BAD_USER_INPUT that names each invalid argument and what is allowed. */
export function parse<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw fromZod(result.error);
}

/** Maximum number of faults, and of unknown keys of one object, that an error names. */
const MAX_NAMED = 20;

/** BAD_USER_INPUT that names each argument at fault, up to 20. */
export function fromZod(error: z.ZodError): AppError {
  const lines = error.issues.slice(0, MAX_NAMED).map((issue) => {
    const path = issue.path.join(".") || "input";
    return issue.code === "unrecognized_keys"
      ? `${[...issue.path, issue.keys.slice(0, MAX_NAMED).join(", ")].join(".")}: is not a known field`
      : `${path}: ${issue.message}`;
  });
  return new AppError("BAD_USER_INPUT", lines.join("; "), error.issues[0]?.path.join("."));
}

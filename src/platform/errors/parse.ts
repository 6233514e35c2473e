import type { z } from "zod";
import { AppError } from "./appError.ts";

/** Parses `input` with `schema`. Throws BAD_USER_INPUT that names each invalid argument and what is allowed. */
export function parse<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw fromZod(result.error);
}

/** BAD_USER_INPUT that names each argument at fault. */
export function fromZod(error: z.ZodError): AppError {
  const lines = error.issues.map((issue) => {
    const path = issue.path.join(".") || "input";
    return issue.code === "unrecognized_keys"
      ? `${[...issue.path, issue.keys.join(", ")].join(".")}: is not a known field`
      : `${path}: ${issue.message}`;
  });
  return new AppError("BAD_USER_INPUT", lines.join("; "), error.issues[0]?.path.join("."));
}

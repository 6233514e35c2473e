import type { z } from "zod";

const kinds: Record<string, string> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

/** What is allowed where a schema has no message of its own: zod's messages say only what was expected and found. */
export function wordingOf(issue: z.core.$ZodIssue): string {
  const { message } = issue;
  if (!/^(Invalid|Too|Unrecognized) /.test(message)) return message;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be one of ${issue.values.join(", ")}`;
    case "too_big":
      return issue.origin === "array"
        ? `must be a list of at most ${issue.maximum} elements`
        : `must be at most ${issue.maximum}${issue.origin === "string" ? " characters" : ""}`;
    case "too_small":
      return issue.origin === "array"
        ? `must be a list of at least ${issue.minimum} elements`
        : `must be at least ${issue.minimum}${issue.origin === "string" ? " characters" : ""}`;
    case "invalid_union": {
      const { options } = issue as { options?: readonly unknown[] };
      return options ? `must be one of ${options.join(", ")}` : "has none of the allowed forms";
    }
    default:
      return message;
  }
}

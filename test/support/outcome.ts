import type { Answer } from "./as.ts";

/** The message that clients look for when a caller is denied. */
export const DENIED = "You do not have the appropriate permissions for that";

/** The outcome of a request: "ok", or the code of its first error with the invalid argument, as in "CONFLICT email". */
export function outcomeOf({ errors }: Answer): string {
  const { code, argument } = errors?.[0]?.extensions ?? {};
  return [code ?? "ok", argument].filter((part) => part !== undefined).join(" ");
}

import type { Answer } from "./as.ts";

/** What clients look for when somebody is refused. */
export const DENIED = "You do not have the appropriate permissions for that";

/** What became of a request: "ok", or the code of its first error with the argument at fault: "CONFLICT email". */
export function outcomeOf({ errors }: Answer): string {
  const { code, argument } = errors?.[0]?.extensions ?? {};
  return [code ?? "ok", argument].filter((part) => part !== undefined).join(" ");
}

import type { Answer } from "./as.ts";

/** What became of a request: "ok", or the code of its first error with the argument at fault: "CONFLICT email". */
export function outcomeOf({ errors }: Answer): string {
  const { code, argument } = errors?.[0]?.extensions ?? {};
  return [code ?? "ok", argument].filter((part) => part !== undefined).join(" ");
}

import { ask } from "./ask.ts";
import { memberOf, type Size } from "./data.ts";
import { type Operation, type OperationName, operations } from "./operations.ts";
import type { RunningServer } from "./servers.ts";

/** An anonymous caller, and the Admin of a Workspace other than that of each operation's first call. */
const strangers = { nobody: -1, "a stranger": memberOf(1, 0) };

/** A line for each server and operation that does not deny such a caller: a server without the check is not comparable. */
export async function leaks(
  servers: readonly RunningServer[],
  names: readonly OperationName[],
  size: Size,
): Promise<string[]> {
  const lines: string[] = [];
  for (const name of names) {
    const operation: Operation = operations[name];
    const variables = operation.calls(size)[0]?.variables ?? {};
    for (const server of servers) {
      for (const [who, person] of Object.entries(strangers)) {
        const { content, said } = await ask(server, operation.document, { person, variables });
        if (content !== undefined) lines.push(`${server.name} ${name} (${size}) answers ${who}: ${said}`);
      }
    }
  }
  return lines;
}

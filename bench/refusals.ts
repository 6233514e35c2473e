import { ask } from "./ask.ts";
import { memberOf, type Size } from "./data.ts";
import { type Operation, type OperationName, operations } from "./operations.ts";
import type { RunningServer } from "./servers.ts";

/** Nobody, and the admin of another Workspace than the one that the first call of each operation is about. */
const strangers = { nobody: -1, "a stranger": memberOf(1, 0) };

/** A line for each server and operation that answers someone who may not ask: a server that skips the check is no peer. */
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

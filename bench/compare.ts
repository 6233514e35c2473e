import { isDeepStrictEqual } from "node:util";
import { ask } from "./ask.ts";
import type { Size } from "./data.ts";
import { type Call, type Document, type Operation, type OperationName, operations } from "./operations.ts";
import type { RunningServer } from "./servers.ts";

/**
 * Asks every server each call of the operations once and compares content with the first server's. Gives a line for each
 * server and operation that answers anything but 200, or something else; none when all agree.
 */
export async function differences(
  servers: readonly RunningServer[],
  names: readonly OperationName[],
  size: Size,
): Promise<string[]> {
  const lines: string[] = [];
  for (const name of names) {
    const expected: unknown[] = [];
    for (const server of servers) {
      const line = await differenceOf(server, operations[name], size, expected).catch((error: Error) => error.message);
      if (line) lines.push(`${server.name} ${name} (${size}): ${line}`);
    }
  }
  return lines;
}

/** The first call that is answered otherwise than expected, in words. What is not expected yet is from now on. */
async function differenceOf(server: RunningServer, operation: Operation, size: Size, expected: unknown[]) {
  for (const [n, call] of operation.calls(size).entries()) {
    const content = without(operation.differing ?? [], await contentOf(server, operation, call));
    expected[n] ??= content;
    if (isDeepStrictEqual(content, expected[n])) continue;
    return `call ${n} gives\n  ${short(content)}\nexpected\n  ${short(expected[n])}`;
  }
  return undefined;
}

const short = (content: unknown) => JSON.stringify(content).slice(0, 1_500);

/** The content of the answer, and for a pair of the second answer too. */
async function contentOf(server: RunningServer, operation: Operation, call: Call): Promise<unknown[]> {
  const first = await found(server, operation.document, call);
  if (!operation.followUp) return [first];
  const { document, variables } = operation.followUp;
  const second = variables(call.variables, first as { id: string });
  return [first, await found(server, document, { person: call.person, variables: second })];
}

/** What is answered. Throws unless that is 200, without errors, and something was found. */
async function found(server: RunningServer, document: Document, call: Call): Promise<unknown> {
  const { content, said } = await ask(server, document, call);
  if (content !== undefined) return content;
  throw new Error(`${document.name} with ${short(call.variables)}: ${said}`);
}

/** `content` without the values of `keys`, wherever they stand; the keys stay. */
function without(keys: readonly string[], content: unknown): unknown {
  if (Array.isArray(content)) return content.map((part) => without(keys, part));
  if (typeof content !== "object" || content === null) return content;
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => [key, keys.includes(key) ? typeof value : without(keys, value)]),
  );
}

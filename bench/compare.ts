import { isDeepStrictEqual } from "node:util";
import { ask } from "./ask.ts";
import type { Size } from "./data.ts";
import type { Call, Document, Endpoint, Operation } from "./operation.ts";
import { type OperationName, operations } from "./operations.ts";
import type { RunningServer } from "./servers.ts";

/**
 * Sends each call of the operations once to every server that has them and compares the content with the first
 * server's. Returns a line for each server and operation with an error or different content; none when all agree.
 */
export async function differences(
  servers: readonly RunningServer[],
  names: readonly OperationName[],
  size: Size,
): Promise<string[]> {
  const lines: string[] = [];
  for (const name of names) {
    const expected: unknown[] = [];
    for (const server of servers.filter(({ serves }) => serves(name))) {
      const line = await differenceOf(server, operations[name], size, expected).catch((error: Error) => error.message);
      if (line) lines.push(`${server.name} ${name} (${size}): ${line}`);
    }
  }
  return lines;
}

/** Describes the first call with unexpected content. The first server's content is the expected one. */
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

/** The content of the response, and of the second one for a pair. */
async function contentOf(server: RunningServer, operation: Operation, call: Call): Promise<unknown[]> {
  const first = await found(server, operation.target, call);
  if (!operation.followUp) return [first];
  const { target, variables } = operation.followUp;
  const second = variables(call.variables, first as { id: string });
  return [first, await found(server, target, { person: call.person, variables: second })];
}

/** The content of a response. Throws for an error or an empty result. */
async function found(server: RunningServer, target: Document | Endpoint, call: Call): Promise<unknown> {
  const { content, said } = await ask(server, target, call);
  if (content !== undefined) return content;
  throw new Error(`${target.name} with ${short(call.variables)}: ${said}`);
}

/** `content` with the values of `keys` removed at every depth, but not the keys. */
function without(keys: readonly string[], content: unknown): unknown {
  if (Array.isArray(content)) return content.map((part) => without(keys, part));
  if (typeof content !== "object" || content === null) return content;
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => [key, keys.includes(key) ? typeof value : without(keys, value)]),
  );
}

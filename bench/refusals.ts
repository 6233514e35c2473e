import { ask } from "./ask.ts";
import { memberOf, type Size } from "./data.ts";
import type { Call, Document, Endpoint, Operation } from "./operation.ts";
import { type OperationName, operations } from "./operations.ts";
import type { RunningServer } from "./servers.ts";

/** An anonymous caller, and the Admin of a Workspace other than that of each operation's first call. */
const NOBODY = -1;
const STRANGER = memberOf(1, 0);

/** A line for each server and operation that does not deny such a caller: a server without the check is not comparable. */
export async function leaks(
  servers: readonly RunningServer[],
  names: readonly OperationName[],
  size: Size,
): Promise<string[]> {
  const lines: string[] = [];
  for (const name of names) {
    for (const server of servers.filter(({ serves }) => serves(name))) {
      const answered = await answeredWrongly(server, operations[name], size);
      lines.push(...answered.map((line) => `${server.name} ${name} (${size}) answers ${line}`));
    }
  }
  return lines;
}

/** Sends the first call of an operation, and the second request of a pair, for those who may not. */
async function answeredWrongly(server: RunningServer, operation: Operation, size: Size): Promise<string[]> {
  const [call] = operation.calls(size);
  const { target, followUp, isForEveryone } = operation;
  if (!call) return [];
  const lines = await denied(server, target, call, isForEveryone ? [NOBODY] : [NOBODY, STRANGER]);
  if (!followUp) return lines;
  const { content } = await ask(server, target, call);
  const second = { ...call, variables: followUp.variables(call.variables, content as { id: string }) };
  lines.push(...(await denied(server, followUp.target, second, [NOBODY, STRANGER])));
  await ask(server, followUp.target, second);
  return lines;
}

async function denied(server: RunningServer, target: Document | Endpoint, { variables }: Call, people: number[]) {
  const lines: string[] = [];
  for (const person of people) {
    const { content, said } = await ask(server, target, { person, variables });
    const who = person === NOBODY ? "nobody" : "a stranger";
    if (content !== undefined) lines.push(`${who} to ${target.name}: ${said}`);
  }
  return lines;
}

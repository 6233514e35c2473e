import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const LENGTH = 50_000;
const COUNT = 200;

/**
 * Asks for 200 texts of 50,000 characters, four at a time, and gives the part of them that waits for a full collection: 0
 * when all are garbage to a collection of what is young.
 */
export async function partKept(ask: (length: number) => Promise<unknown>): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect: NodeJS.GCFunction = runInNewContext("gc");
  // What others left behind must not go away meanwhile.
  collect({ type: "major" });
  const before = process.memoryUsage().heapUsed;
  let characters = 0;
  for (let n = 0; n < COUNT; n += 4) {
    const texts = await Promise.all(Array.from({ length: 4 }, () => ask(LENGTH)));
    for (const text of texts) characters += String(text).length;
  }
  if (characters !== LENGTH * COUNT) throw new Error(`${characters} characters came`);
  for (let n = 0; n < 3; n++) collect({ type: "minor" });
  return Math.max(0, process.memoryUsage().heapUsed - before) / characters;
}

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const LENGTH = 50_000;
const COUNT = 200;

/**
 * Loads 200 strings of 50,000 characters, four at a time, and returns the part of them that needs a full garbage collection:
 * 0 if young-generation collections free them all.
 */
export async function partOutlivingYoungCollections(load: (length: number) => Promise<unknown>): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect: NodeJS.GCFunction = runInNewContext("gc");
  // Older garbage must not be freed during the measurement.
  collect({ type: "major" });
  const before = process.memoryUsage().heapUsed;
  let characters = 0;
  for (let n = 0; n < COUNT; n += 4) {
    const texts = await Promise.all(Array.from({ length: 4 }, () => load(LENGTH)));
    for (const text of texts) characters += String(text).length;
  }
  if (characters !== LENGTH * COUNT) throw new Error(`${characters} characters were loaded`);
  for (let n = 0; n < 3; n++) collect({ type: "minor" });
  return Math.max(0, process.memoryUsage().heapUsed - before) / characters;
}

import { setInterval as every } from "node:timers/promises";
import { rssMegabytes } from "./machine.ts";

/** Memory in MB after a time in minutes. */
export type Sample = readonly [minutes: number, megabytes: number];

/** In milliseconds. */
const SAMPLE_EVERY = 10_000;

/** Records the memory of a process every ten seconds until the signal. Calls `told` after each. */
export async function watchMemory(
  pid: number,
  samples: Sample[],
  signal: AbortSignal,
  told: (sample: Sample) => void = () => undefined,
): Promise<void> {
  const begun = performance.now();
  try {
    for await (const _ of every(SAMPLE_EVERY, undefined, { signal })) {
      const sample: Sample = [(performance.now() - begun) / 60_000, rssMegabytes(pid)];
      samples.push(sample);
      told(sample);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

import type { Runners } from "../../src/fastPath/batching/batchRunners.ts";

/**
 * The runners of every fast path made in this test file, the last one last. For `vi.mock` of batchRunners.ts, so that a
 * test can watch them or make them fail.
 */
export const madeRunners: Runners[] = [];

type Module = typeof import("../../src/fastPath/batching/batchRunners.ts");

export async function recordRunners(original: () => Promise<Module>): Promise<Module> {
  const module = await original();
  const createBatchRunners: Module["createBatchRunners"] = (...args) => {
    const runners = module.createBatchRunners(...args);
    madeRunners.push(runners);
    return runners;
  };
  return { ...module, createBatchRunners };
}

/** The runners of the app that was started last. */
export function lastRunners(): Runners {
  const runners = madeRunners.at(-1);
  if (!runners) throw new Error("No fast path was made");
  return runners;
}

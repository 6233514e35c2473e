import type { Runners } from "../../src/fastPath/batching/batchRunners.ts";

/**
 * The runners of every fast path created in this test file, in order. For `vi.mock` of batchRunners.ts, so that a test can
 * spy on them or make them fail.
 */
export const createdRunners: Runners[] = [];

type Module = typeof import("../../src/fastPath/batching/batchRunners.ts");

export async function recordRunners(original: () => Promise<Module>): Promise<Module> {
  const module = await original();
  const createBatchRunners: Module["createBatchRunners"] = (...args) => {
    const runners = module.createBatchRunners(...args);
    createdRunners.push(runners);
    return runners;
  };
  return { ...module, createBatchRunners };
}

/** The runners of the app started last. */
export function lastRunners(): Runners {
  const runners = createdRunners.at(-1);
  if (!runners) throw new Error("No fast path was created");
  return runners;
}

import fc from "fast-check";
import { expect } from "vitest";
import type { PrismaClient } from "../../src/generated/prisma/client.ts";
import { anyGrant, type Grant } from "./grants.ts";
import { anyShape, type Graph, graphOf, insertGraphs, removeGraphs } from "./graph.ts";

/** Graphs per batch, and batches: 1,000 graphs. */
const [BATCH, RUNS] = [25, 40];

/** The timeout for 1,000 graphs, in milliseconds. */
export const LIMIT = 300_000;

const batch = fc.array(fc.tuple(anyShape, fc.array(anyGrant, { minLength: 2, maxLength: 4 })), {
  minLength: BATCH,
  maxLength: BATCH,
});

/** Runs `check` on random graphs, batch by batch, while the batch is in the database: 1,000 unless `runs` is given. */
export async function onGraphs(
  db: PrismaClient,
  check: (graphs: Graph[], grants: readonly Grant[][]) => Promise<void>,
  runs = RUNS,
): Promise<void> {
  let checked = 0;
  await fc.assert(
    fc.asyncProperty(batch, async (given) => {
      const graphs = given.map(([shape]) => graphOf(shape));
      await insertGraphs(db, graphs);
      try {
        await check(
          graphs,
          given.map(([, grants]) => grants),
        );
        checked += graphs.length;
      } finally {
        await removeGraphs(db, graphs);
      }
    }),
    // A failure names callers and rows, so shrinking the batch would add nothing.
    { numRuns: runs, endOnFailure: true },
  );
  expect(checked).toBe(runs * BATCH);
}

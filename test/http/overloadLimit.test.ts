import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { createOverload } from "../../src/api/http/overload.ts";

const limits = { maxRequests: 300, maxMeanTime: 200, maxEventLoopDelay: 60_000 };

/** Begins requests until no more are accepted, at most 1,000. */
function fill({ isOverloaded, begin }: ReturnType<typeof createOverload>): (() => void)[] {
  const ends: (() => void)[] = [];
  while (!isOverloaded() && ends.length < 1_000) ends.push(begin());
  return ends;
}

it("accepts fewer requests when they take too long, and then more again", async () => {
  const overload = createOverload(limits);
  onTestFinished(() => overload.stop());
  overload.watch();
  const slow = fill(overload);
  expect(slow).toHaveLength(300);
  await sleep(400);
  for (const end of slow) end();
  await sleep(300);
  const fewer = fill(overload);
  expect(fewer.length).toBeLessThan(300);
  expect(fewer.length).toBeGreaterThanOrEqual(100);
  for (const end of fewer) end();
  const number = () => {
    const accepted = fill(overload);
    for (const end of accepted) end();
    return accepted.length;
  };
  await expect.poll(number).toBe(300);
});

it("counts a request that ends twice once", () => {
  const overload = createOverload({ ...limits, maxRequests: 1 });
  const [end] = fill(overload);
  end?.();
  end?.();
  expect(fill(overload)).toHaveLength(1);
});

import { expect, it } from "vitest";
import { queueBeyond, rejectBeyond } from "../../src/platform/concurrency.ts";

/** Functions whose promises a test settles. */
function pieces(count: number) {
  const started: number[] = [];
  const all = Array.from({ length: count }, (_, n) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const work = () => {
      started.push(n);
      return promise;
    };
    return { work, finish: () => resolve(n), fail: () => reject(new Error(`failed ${n}`)) };
  });
  return { started, all: all as [(typeof all)[0], (typeof all)[0], (typeof all)[0], (typeof all)[0]] };
}

const settled = () => new Promise(setImmediate);

it("queues work beyond the limit, first come first served", async () => {
  const queue = queueBeyond(2);
  const { started, all } = pieces(4);
  const { signal } = new AbortController();
  const results = all.map(({ work }) => queue(work, signal));
  await settled();
  expect(started).toEqual([0, 1]);
  all[1].finish();
  await settled();
  expect(started).toEqual([0, 1, 2]);
  all[0].fail();
  await expect(results[0]).rejects.toThrow("failed 0");
  await settled();
  expect(started).toEqual([0, 1, 2, 3]);
  all[2].finish();
  all[3].finish();
  expect(await Promise.all(results.slice(1))).toEqual([1, 2, 3]);
});

it("stops waiting when its signal fires, and never starts that work", async () => {
  const queue = queueBeyond(1);
  const { started, all } = pieces(3);
  const [never, impatient] = [new AbortController(), new AbortController()];
  const first = queue(all[0].work, never.signal);
  const second = queue(all[1].work, impatient.signal);
  const third = queue(all[2].work, never.signal);
  impatient.abort(new Error("gone"));
  await expect(second).rejects.toThrow("gone");
  await expect(queue(all[1].work, impatient.signal)).rejects.toThrow("gone");
  all[0].finish();
  all[2].finish();
  expect(await Promise.all([first, third])).toEqual([0, 2]);
  expect(started).toEqual([0, 2]);
});

it("leaves running work to its own signal", async () => {
  const queue = queueBeyond(1);
  const { all } = pieces(1);
  const controller = new AbortController();
  const result = queue(all[0].work, controller.signal);
  await settled();
  controller.abort(new Error("gone"));
  all[0].finish();
  expect(await result).toBe(0);
});

it("rejects work beyond the limit immediately", async () => {
  const limited = rejectBeyond(2);
  const { started, all } = pieces(3);
  const results = [limited(all[0].work), limited(all[1].work)];
  await expect(limited(all[2].work)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  all[0].finish();
  all[1].finish();
  expect(await Promise.all(results)).toEqual([0, 1]);
  await settled();
  const last = limited(all[2].work);
  all[2].finish();
  expect(await last).toBe(2);
  expect(started).toEqual([0, 1, 2]);
});

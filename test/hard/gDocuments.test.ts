import { afterAll, beforeAll, expect, it } from "vitest";
import { abuses, circularIntrospection } from "../support/abuse.ts";
import { doorsOf } from "../support/doors.ts";
import { figures } from "../support/figures.ts";
import { type MeasuredHouston, measuredHouston } from "../support/measuredHouston.ts";

/** CPU time of the server is counted in steps of 10 ms, so documents are sent several times. */
const TIMES = 20;
const MAX_CPU = 50;

let houston: MeasuredHouston;
beforeAll(async () => {
  houston = await measuredHouston();
  // The first documents compile what all others use.
  for (const [, query] of abuses) for (const { send } of doorsOf(houston.url)) await send(query);
}, 120_000);
afterAll(() => houston?.stop());

const all = [...abuses, ["G10: circular introspection", circularIntrospection, /introspection depth/] as const];

it.each(all)("G14: %s: one error in under 50 ms of CPU through every door", async (title, query, message) => {
  let [worst, most] = [0, 0];
  for (const { name, send } of doorsOf(houston.url)) {
    const before = await houston.cpu();
    for (let n = 0; n < TIMES; n += 1) {
      const { errors, data } = await send(query);
      most = Math.max(most, errors.length);
      expect(data, name).toBeUndefined();
      expect(errors[0]?.message, name).toMatch(message);
    }
    worst = Math.max(worst, ((await houston.cpu()) - before) / TIMES);
  }
  figures(title, { "worst CPU ms": worst, errors: most });
  expect(most).toBe(1);
  expect(worst).toBeLessThan(MAX_CPU);
});

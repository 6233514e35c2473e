import { expect, test } from "vitest";
import { BoundedMap } from "../../src/platform/boundedMap.ts";

test("a full BoundedMap removes its oldest entry, and replacing an entry removes none", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1).set("b", 2).set("b", 3);
  expect([...map]).toEqual([
    ["a", 1],
    ["b", 3],
  ]);
  map.set("c", 4);
  expect([...map]).toEqual([
    ["b", 3],
    ["c", 4],
  ]);
});

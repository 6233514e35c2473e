import fc from "fast-check";
import { expect, it } from "vitest";
import { literal, objectOf, type Pair } from "../../../src/query/json.ts";
import { testHouston } from "../../support/houston.ts";

const { app } = await testHouston();

interface Given {
  key: string;
  kind: "always" | "omit" | "plain" | "plain omit";
  value: string | null;
}

const pairOf = ({ key, kind, value }: Given): Pair => {
  const json = kind.startsWith("plain")
    ? { plain: "'p'::text" }
    : value === null
      ? "NULL::text"
      : literal(JSON.stringify(value));
  return kind.endsWith("omit") ? [key, json, "omit"] : [key, json];
};

const anyGiven: fc.Arbitrary<Given> = fc.record({
  key: fc.oneof(fc.constantFrom("a'b", 'a"b', "a\\b", "ä"), fc.stringMatching(/^[a-z]{1,5}$/)),
  kind: fc.constantFrom("always", "omit", "plain", "plain omit"),
  value: fc.oneof(fc.constant(null), fc.constantFrom("", ",", "{", "x,y")),
});

it("an object has its pairs, without those that may be omitted and are null", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(anyGiven, { maxLength: 6, selector: ({ key }) => key }), async (given) => {
      const { rows } = await app.services.pool.query(`SELECT ${objectOf(given.map(pairOf))} AS j`);
      const expected = given.flatMap(({ key, kind, value }) => {
        if (kind.startsWith("plain")) return [[key, "p"]];
        return kind === "omit" && value === null ? [] : [[key, value]];
      });
      expect(JSON.parse(rows[0].j)).toEqual(Object.fromEntries(expected));
    }),
    { numRuns: 200 },
  );
});

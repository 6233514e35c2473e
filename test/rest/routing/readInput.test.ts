import { describe, expect, it } from "vitest";
import { z } from "zod";
import { assertIds, readInput } from "../../../src/api/rest/routing/readInput.ts";
import { InvalidRequest } from "../../../src/api/rest/routing/restError.ts";
import { inOrganization, type Route } from "../../../src/api/rest/routing/route.ts";

const route: Route = {
  operationId: "paint",
  tag: "paint",
  method: "POST",
  path: "/organizations/{organizationId}",
  summary: "Paint",
  access: [inOrganization],
  errors: [400],
  query: z.strictObject({
    flag: z.boolean().optional(),
    count: z.int().min(0).default(7),
    names: z.array(z.string()).optional(),
    kinds: z.array(z.enum(["a", "b"])).default([]),
    text: z.string().optional(),
  }),
  work: { compute: async () => ({}) },
};

const read = (query: object, given: Partial<Route> = {}, body: unknown = undefined) =>
  readInput({ ...route, ...given }, { params: { organizationId: "o" }, query, body });
const queryOf = (query: object) => read(query).query;

function fieldsAtFault(reading: () => unknown): readonly unknown[] {
  try {
    reading();
  } catch (error) {
    if (error instanceof InvalidRequest) return error.fields;
  }
  return [];
}

describe("readInput", () => {
  it("turns the text of a query into what the schema expects", () => {
    expect(queryOf({})).toEqual({ count: 7, kinds: [] });
    expect(queryOf({ flag: "true" })).toMatchObject({ flag: true });
    expect(queryOf({ flag: "false" })).toMatchObject({ flag: false });
    expect(queryOf({ count: "0" })).toMatchObject({ count: 0 });
    expect(queryOf({ count: "999999999999999" })).toMatchObject({ count: 999_999_999_999_999 });
    expect(queryOf({ text: "7" })).toMatchObject({ text: "7" });
    expect(queryOf({ names: "a", kinds: "a" })).toMatchObject({ names: ["a"], kinds: ["a"] });
    expect(queryOf({ names: ["a", "b"] })).toMatchObject({ names: ["a", "b"] });
    expect(queryOf({ names: "" })).toMatchObject({ names: [""] });
  });

  it.each([
    [{ flag: "TRUE" }, "flag"],
    [{ flag: "1" }, "flag"],
    [{ flag: "" }, "flag"],
    [{ flag: ["true", "true"] }, "flag"],
    [{ count: "1.5" }, "count"],
    [{ count: "1e3" }, "count"],
    [{ count: " 1" }, "count"],
    [{ count: "" }, "count"],
    [{ count: "-1" }, "count"],
    [{ count: "9999999999999999" }, "count"],
    [{ count: ["1", "2"] }, "count"],
    [{ kinds: ["a", "c"] }, "kinds.1"],
    [{ text: ["a", "b"] }, "text"],
    [{ other: "x" }, "other"],
    [{ toString: "x" }, "toString"],
    [{ flag: "\0" }, "flag"],
  ])("rejects %j by name", (query, field) => {
    expect(() => queryOf(query)).toThrow(new RegExp(`^${field}: `));
  });

  it("rejects every parameter of a route without any", () => {
    const { query: _, ...without } = route;
    expect(() => readInput(without, { params: {}, query: { limit: "1" }, body: undefined })).toThrow(
      "limit: is not a known field",
    );
  });

  it("ignores the body of a route without one, and requires an object otherwise", () => {
    expect(read({}, {}, { a: 1 }).body).toBeUndefined();
    const body = z.strictObject({ a: z.object({ b: z.int("must be a whole number") }).optional() });
    expect(read({}, { body }, {}).body).toEqual({});
    expect(() => read({}, { body }, undefined)).toThrow("body: is required and must be an object");
    expect(() => read({}, { body }, [])).toThrow("body: must be an object");
    // In a body, text stays text.
    expect(() => read({}, { body }, { a: { b: "1" } })).toThrow("a.b: must be a whole number");
    expect(() => read({}, { body }, { c: 1, d: 1 })).toThrow("c: is not a known field; d: is not a known field");
  });

  it("names at most 20 fields at fault, so that an error is not many times as long as its request", () => {
    const body = z.strictObject({ list: z.array(z.string("must be a string")).optional() });
    const unknown = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`field${n}`, n]));
    for (const given of [{ list: Array(1000).fill(0) }, unknown, { ...unknown, list: Array(1000).fill(0) }]) {
      expect(fieldsAtFault(() => read({}, { body }, given))).toHaveLength(20);
    }
  });

  it("rejects IDs in the path that no row can have", () => {
    expect(() => assertIds({ organizationId: "o" })).not.toThrow();
    expect(() => assertIds({ organizationId: "" })).toThrow("organizationId: is required");
    expect(() => assertIds({ organizationId: "a\0" })).toThrow("organizationId: must not contain a NUL character");
  });
});

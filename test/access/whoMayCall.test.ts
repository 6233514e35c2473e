import fc from "fast-check";
import { expect, it } from "vitest";
import { columns, whoMayCall } from "./whoMayCall.ts";

const setOf = (cells: readonly boolean[]) => new Set(columns.filter((_, index) => cells[index]));
const all = columns.map(() => true);

it("says in a line who may call", () => {
  expect(whoMayCall(setOf(all))).toBe("anyone");
  expect(whoMayCall(new Set())).toBe("no role");
  expect(whoMayCall(setOf(all.map((_, index) => index > 1)))).toBe("anyone signed in");
  const editors = columns.filter(({ role, own }) => role === "SYSTEM_EDITOR" || (role === "WORKSPACE_EDITOR" && own));
  expect(whoMayCall(new Set(editors))).toBe("system E · Workspace E");
  expect(whoMayCall(new Set(editors.filter(({ kind }) => kind !== "user")))).toBe(
    "users: no role; service accounts and team members: system E · Workspace E",
  );
});

it("says something else for every other set of callers", () => {
  const cells = fc.array(fc.boolean(), { minLength: columns.length, maxLength: columns.length });
  const near = fc.constantFrom(
    all,
    all.map(() => false),
  );
  fc.assert(
    fc.property(fc.oneof(cells, near), fc.nat({ max: columns.length - 1 }), (before, at) => {
      const after = before.map((cell, index) => (index === at ? !cell : cell));
      expect(whoMayCall(setOf(after))).not.toBe(whoMayCall(setOf(before)));
    }),
  );
});

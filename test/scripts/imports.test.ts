import { expect, it } from "vitest";
import { packageOf, violations } from "../../scripts/imports.ts";

const edge = (from: string, to: string) => ({ from: `src/${from}.ts`, to: `src/${to}.ts` });

it("rooms are imported downwards only", () => {
  expect(violations([edge("api/http/a", "services/users/b"), edge("services/users/b", "platform/jobs/c")])).toEqual([]);
  expect(violations([edge("platform/jobs/c", "access/d")])).toEqual([
    "src/platform/jobs/c.ts must not import src/access/d.ts",
  ]);
  expect(violations([edge("services/users/b", "api/http/a")])).toHaveLength(1);
});

it("counts the types of resolvers as services", () => {
  expect(
    violations([edge("services/users/b", "generated/resolvers"), edge("query/b", "generated/prisma/client")]),
  ).toEqual([]);
  expect(violations([edge("query/b", "generated/resolvers")])).toHaveLength(1);
});

it("counts the types of the alpha API's resolvers as api", () => {
  expect(violations([edge("api/alpha/b", "generated/alphaResolvers")])).toEqual([]);
  expect(violations([edge("services/users/b", "generated/alphaResolvers")])).toHaveLength(1);
});

it("the fast path is imported by app.ts only", () => {
  expect(violations([edge("app", "fastPath/a")])).toEqual([]);
  expect(violations([edge("api/graphql/a", "fastPath/a")])).toHaveLength(1);
  expect(violations([edge("services/users/a", "fastPath/a")])).toHaveLength(1);
});

it("each circle of folders is found once", () => {
  const circle = [
    edge("services/a/1", "services/b/1"),
    edge("services/b/2", "services/c/1"),
    edge("services/c/2", "services/a/2"),
  ];
  expect(violations(circle)).toEqual(["Folders import each other: services/a → services/b → services/c → services/a"]);
  expect(violations(circle.slice(1))).toEqual([]);
});

it.each([
  ["pg", "pg"],
  ["pg/lib/client.js", "pg"],
  ["@prisma/client/runtime/client", "@prisma/client"],
  ["node:fs/promises", undefined],
  ["../a.ts", undefined],
])("knows the package of %s", (specifier, name) => {
  expect(packageOf(specifier)).toBe(name);
});

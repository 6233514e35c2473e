import { existsSync, globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const page = readFileSync("docs/security.md", "utf8");

/** The number of cases of each kind. */
const kinds = { M: 8, R: 8, G: 16, T: 26, S: 8, F: 16, L: 7 };
const ids = Object.entries(kinds).flatMap(([kind, count]) =>
  Array.from({ length: count }, (_, n) => `${kind}${n + 1}`),
);

const section = /^## Cases\n(.*?)^## /ms.exec(page)?.[1] ?? "";
const rows = [...section.matchAll(/^\| ([A-Z]\d+) \| ([^|]+) \| ([^|]+) \|$/gm)].map(
  ([, id = "", what = "", tests = ""]) => ({ id, what, tests }),
);
const linksIn = (text: string) => [...text.matchAll(/\]\(\.\.\/([^)#]+)\)/g)].map(([, path = ""]) => path);

const textOf = (path: string) => readFileSync(path, "utf8");

/** A file that belongs to one case, by its name: f01KillHouston. */
const isAbout = (id: string, path: string) => {
  const [, kind = "", number = ""] = /^([A-Z])(\d+)$/.exec(id) ?? [];
  return new RegExp(`/${kind.toLowerCase()}0?${number}[A-Z.]`).test(path);
};

/** Words of strings, so that `T1` is not found in `T15` or in code. */
const names = (id: string, text: string) =>
  new RegExp(`["'\`][^"'\`\\n]*(?<!\\w)${id}(?!\\w)[^"'\`\\n]*["'\`]`).test(text);

/** The text of a test file and of the cases that it imports. */
const withCases = (path: string) =>
  textOf(path) + (/support\/abuse\.ts/.test(textOf(path)) ? textOf("test/support/abuse.ts") : "");

it("the table has each case of the catalogue once", () => {
  expect(rows.map(({ id }) => id)).toEqual(ids);
});

it.each(rows)("$id names tests with the case in their titles, or says why it does not apply", ({ id, tests }) => {
  const files = linksIn(tests);
  if (files.length === 0) return expect(tests).toMatch(/^not applicable: \S+ \S+/);
  for (const file of files) {
    expect(file).toMatch(/^test\/.*\.test\.ts$/);
    expect(existsSync(file), file).toBe(true);
    expect([file, isAbout(id, file) || names(id, withCases(file))]).toEqual([file, true]);
  }
});

it("the row of a case has every file with a test that begins with its ID", () => {
  const linked = new Set(rows.flatMap(({ id, tests }) => linksIn(tests).map((file) => `${id} ${file}`)));
  // Those of the two scripts that read the table.
  const files = globSync("test/**/*.test.ts").filter((file) => !/^test\/(docs|scripts)\//.test(file));
  const named = files.flatMap((file) =>
    [...textOf(file).matchAll(/["'`]((?:[MRGTSFL]\d{1,2}, )*[MRGTSFL]\d{1,2}): /g)].flatMap(([, list = ""]) =>
      list.split(", ").map((id) => `${id} ${file}`),
    ),
  );
  expect(named.length).toBeGreaterThan(100);
  expect([...new Set(named)].filter((one) => !linked.has(one))).toEqual([]);
});

it("every link of the page leads to a file, named like the link", () => {
  for (const [, title = "", path = ""] of page.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[^)]+)\)/g)) {
    expect(existsSync(path), path).toBe(true);
    expect(path).toBe(`test/${title}.test.ts`);
  }
});

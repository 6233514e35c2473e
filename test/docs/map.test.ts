import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const textOf = (path: string) => readFileSync(path, "utf8");

const pages = globSync("docs/**/*.md").sort();
const documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "bench/README.md", ...pages];

const ignored = new Set(textOf(".gitignore").match(/^[^*]+?(?=\/?$)/gm));

/** The folders in `path`, as `name/`, without hidden and ignored ones. */
const foldersIn = (path: string) =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => `${name}/`)
    .filter((name) => !ignored.has(join(path, name).slice(0, -1)))
    .sort();

/** The map in README.md: each path with its description. */
const map = new Map(
  [...(/```text\n(.*?)```/s.exec(textOf("README.md"))?.[1] ?? "").matchAll(/^(\S+) +(.*(?:\n .*)*)/gm)].map(
    ([, path = "", description = ""]) => [path, description.replace(/\s+/g, " ")],
  ),
);

describe("the map in README.md", () => {
  it("names paths that exist", () => {
    expect([...map.keys()].filter((path) => !existsSync(path))).toEqual([]);
  });

  it("names every top-level folder and every folder in src", () => {
    const expected = [...foldersIn("."), ...foldersIn("src").map((name) => `src/${name}`)];
    const named = [...map.keys()].filter((path) => path.endsWith("/"));
    expect(named.sort()).toEqual(expected.filter((path) => path !== "src/").sort());
  });

  it.each([...map].filter(([path]) => path.startsWith("src/") && path.endsWith("/")))(
    "lists the folders in %s",
    (...entry) => {
      const [path, description] = entry;
      const listed = /: ((?:\w+ ?)+)$/.exec(description)?.[1]?.split(" ") ?? [];
      expect(listed.map((name) => `${name}/`).sort()).toEqual(foldersIn(path));
    },
  );
});

describe("documentation", () => {
  it("is linked from docs/index.md, page by page", () => {
    const index = textOf("docs/index.md");
    const missing = pages.filter(
      (page) => page !== "docs/index.md" && !index.includes(`](${page.slice("docs/".length)})`),
    );
    expect(missing).toEqual([]);
  });

  it.each(documents)("%s links to files and names paths that exist", (document) => {
    const text = textOf(document);
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, to = ""]) =>
      join(dirname(document), to),
    );
    const named = [...text.matchAll(/`((?:src|test|scripts|prisma|bench|docs)\/[\w./-]*)`/g)].map(
      ([, path = ""]) => path,
    );
    expect([...links, ...named].filter((path) => !existsSync(path))).toEqual([]);
  });
});

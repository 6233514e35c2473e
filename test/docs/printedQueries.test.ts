import { globSync, readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { expect, it } from "vitest";

const schema = buildSchema(readFileSync("schema.graphql", "utf8"));

/** The pages that print operations; those of the alpha API have another schema. */
const pages = globSync("docs/*.md")
  .sort()
  .filter((page) => page !== "docs/alpha-api.md")
  .map((page) => ({ page, blocks: [...readFileSync(page, "utf8").matchAll(/^```graphql\n(.*?)^```/gms)] }))
  .filter(({ blocks }) => blocks.length > 0);

it.each(pages)("$page prints operations of schema.graphql", ({ blocks }) => {
  for (const [, operation = ""] of blocks) expect(validate(schema, parse(operation)), operation).toEqual([]);
});

it("the operations of clusters and Deployments that run are among them", () => {
  expect(pages.map(({ page }) => page)).toEqual(expect.arrayContaining(["docs/clusters.md", "docs/provisioning.md"]));
});

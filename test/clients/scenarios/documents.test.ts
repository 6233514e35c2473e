import { readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { expect, it } from "vitest";
import { documentFor } from "./client.ts";
import { allDocuments } from "./laterDocuments.ts";
import { versions } from "./versions.ts";

const contract = buildSchema(readFileSync(new URL("../../contract/houston.graphql", import.meta.url), "utf8"));

it.each(Object.entries(allDocuments))("what clients send as %s is valid by the contract", (_, documents) => {
  for (const { query } of documents) expect(validate(contract, parse(query))).toEqual([]);
});

it("a client sends the newest document that its platform knows", () => {
  const sent = versions.map((version) => documentFor(allDocuments, "createDeployment", version));
  expect(new Set(sent).size).toBe(3);
  expect(sent.map((query) => query.includes("upsertDeployment"))).toEqual(versions.map((one) => Number(one[0]) >= 1));
});

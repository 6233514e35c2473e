import { readFileSync } from "node:fs";
import { buildSchema, type FieldNode, type OperationDefinitionNode, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import operations from "../../contract/houston-operations.json" with { type: "json" };
import { compare, documentFor, knows } from "./client.ts";
import { allDocuments } from "./laterDocuments.ts";
import { versions } from "./versions.ts";

const contract = buildSchema(readFileSync(new URL("../../contract/houston.graphql", import.meta.url), "utf8"));

/** The contract's facts about the operation that a document calls. */
function operationOf(query: string) {
  const [definition] = parse(query).definitions as OperationDefinitionNode[];
  const [field] = (definition?.selectionSet.selections ?? []) as FieldNode[];
  return operations.find(({ name }) => name === field?.name.value);
}

/** The first version with an operation. "<=0.28" means that a dump of 0.28 has it; it may be older. */
const firstOf = (since: string) => (since.startsWith("<=") ? "0.0.0" : since);

describe("client documents", () => {
  it.each(Object.entries(allDocuments))("are valid against the contract: %s", (_, documents) => {
    for (const { query } of documents) expect(validate(contract, parse(query))).toEqual([]);
  });

  it.each(Object.entries(allDocuments))("are not older than their operation: %s", (_, documents) => {
    for (const { since, query } of documents) {
      expect(compare(since, firstOf(operationOf(query)?.since ?? "9.9.9"))).toBeGreaterThanOrEqual(0);
    }
  });

  it("include every operation that the command line was seen to send", () => {
    const held = new Set(
      Object.values(allDocuments).flatMap((all) => all.map(({ query }) => operationOf(query)?.name)),
    );
    const seen = operations.filter(({ sources }) => sources.includes("astro-cli")).map(({ name }) => name);
    expect(seen.filter((name) => !held.has(name))).toEqual([]);
  });

  it("are chosen for the platform: the newest that it knows", () => {
    const sent = versions.map((version) => documentFor(allDocuments, "createDeployment", version));
    expect(new Set(sent).size).toBe(3);
    expect(sent.map((query) => query.includes("upsertDeployment"))).toEqual(versions.map((one) => Number(one[0]) >= 1));
  });
});

// The scenarios skip steps for which clients have no document. This lists all of them, so that nothing is skipped by mistake.
it("clients lack documents only for operations newer than their platform", () => {
  const lacking = (version: string) => Object.keys(allDocuments).filter((name) => !knows(allDocuments, version, name));
  /** Names of operations that are newer, according to the facts. An image update is a new way to call an older operation. */
  const later = (version: string) =>
    Object.entries(allDocuments)
      .filter(([name, documents]) =>
        documents.every(({ query }) => {
          const first = name === "updateImage" ? "2.1.0" : firstOf(operationOf(query)?.since ?? "");
          return compare(first, version) > 0;
        }),
      )
      .map(([name]) => name);
  for (const version of versions) {
    // `deploymentStatus` is first known from a dump of 0.28.
    const unseen = version === "0.25.0" ? ["deploymentStatus"] : [];
    expect([version, ...lacking(version)].sort()).toEqual([version, ...later(version), ...unseen].sort());
  }
  expect(versions.map((version) => lacking(version).length)).toEqual([27, 19, 10, 8, 7, 4, 3, 3, 0]);
});

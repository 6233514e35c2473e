import { readFileSync } from "node:fs";
import { buildSchema, findBreakingChanges, isObjectType } from "graphql";
import { describe, expect, it } from "vitest";
import { extensionsFile, extensionsText } from "../../scripts/extensions.ts";
import { createSchema } from "../../src/api/graphql/createSchema.ts";
import { nouns } from "../../src/services/nouns.ts";
import operations from "../contract/houston-operations.json" with { type: "json" };

const contractSdl = readFileSync(new URL("../contract/houston.graphql", import.meta.url), "utf8");
const contract = buildSchema(contractSdl);
const sdl = readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8");
const ours = buildSchema(sdl);

/** Changes from `before` that break clients in `after`, without fields that `after` lacks. */
const differences = (before: typeof ours, after: typeof ours) =>
  findBreakingChanges(before, after)
    .map(({ description }) => description)
    .filter(
      (description) =>
        !/ was removed( from (enum|union) type \w+)?(\.$| because it is not referenced)/.test(description),
    );

/** Arguments that some client declares as a nullable variable: ours are optional although the contract requires them. */
const looser = operations.flatMap(({ name, kind, args, variableTypes = {} }) =>
  args.flatMap(({ name: arg, type }) => {
    const declared = Object.keys((variableTypes as Record<string, object>)[arg] ?? {});
    const open = type.endsWith("!") && declared.some((other) => !other.endsWith("!"));
    const root = kind[0]?.toUpperCase() + kind.slice(1);
    return open ? [`${root}.${name} arg ${arg} has changed type from ${type.slice(0, -1)} to ${type}.`] : [];
  }),
);

describe("schema.graphql", () => {
  it("has the contract's types, arguments and defaults for all its fields", () => {
    expect(differences(contract, ours)).toEqual([]);
    // Exactly these differences are justified by what clients were seen to send.
    expect(differences(ours, contract).sort()).toEqual(looser.sort());
    expect(looser.map((one) => one.split(" has ")[0])).toEqual([
      "Mutation.createDeployment arg type",
      "Mutation.deleteWorkspace arg workspaceUuid",
      "Query.workspaceDeployments arg workspaceUuid",
    ]);
  });

  it("has nothing beside the contract that test/contract/extensions.graphql does not list", () => {
    const listed = readFileSync(extensionsFile, "utf8");
    expect(listed, "npm run document lists it").toBe(extensionsText(sdl, contractSdl));
  });

  it("describes every type, field and argument", () => {
    const silent = Object.values(createSchema(nouns).getTypeMap())
      .filter((type) => !type.name.startsWith("__") && type.astNode)
      .flatMap((type) => {
        const fields = isObjectType(type) ? Object.values(type.getFields()) : [];
        return [
          ...(type.description || type.name === "Query" ? [] : [type.name]),
          ...fields.filter((field) => !field.description).map((field) => `${type.name}.${field.name}`),
          ...fields.flatMap((field) =>
            field.args.filter((arg) => !arg.description).map((arg) => `${type.name}.${field.name}(${arg.name})`),
          ),
        ];
      });
    expect(silent).toEqual([]);
  });
});

describe("createSchema", () => {
  it("throws for a root field without @auth or @public", () => {
    const open = sdl.replace(/ {2}sysWorkspaces: \[Workspace\] @auth\([^)]*\)/, "  sysWorkspaces: [Workspace]");
    expect(open).not.toBe(sdl);
    expect(() => createSchema(nouns, open)).toThrow("Query.sysWorkspaces has no access rule");
  });

  it("throws for an unknown permission", () => {
    const wrong = sdl.replace('permission: ["system.workspace.get"]', 'permission: ["system.workspace.fetch"]');
    expect(wrong).not.toBe(sdl);
    expect(() => createSchema(nouns, wrong)).toThrow("system.workspace.fetch, which is not a permission");
  });

  it("throws for a field without a resolver", () => {
    const more = sdl.replace("type Query {", 'type Query {\n  "New."\n  brandNew: String @public');
    expect(() => createSchema(nouns, more)).toThrow("Query.brandNew has no resolver");
  });

  it("throws for a subscription without @auth or @public", () => {
    const open = sdl.replace(/(deploymentStatus\([^)]*\): DeploymentStatus)\s+@auth\([^)]*\)/, "$1");
    expect(open).not.toBe(sdl);
    expect(() => createSchema(nouns, open)).toThrow("Subscription.deploymentStatus has no access rule");
  });

  it("throws for a subscription without a resolver", () => {
    const more = sdl.replace("type Subscription {", 'type Subscription {\n  "New."\n  brandNew: String @public');
    expect(() => createSchema(nouns, more)).toThrow("Subscription.brandNew has no subscribe");
    const resolvers = [...nouns.resolvers, { Subscription: { brandNew: () => "resolved, never followed" } }];
    expect(() => createSchema({ ...nouns, resolvers }, more)).toThrow("Subscription.brandNew has no subscribe");
  });
});

import { readFileSync } from "node:fs";
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLObjectType,
  type GraphQLType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isObjectType,
} from "graphql";
import { describe, expect, it } from "vitest";
import { createAlphaSchema } from "../../src/api/alpha/createAlphaSchema.ts";
import contract from "../contract/alpha.json" with { type: "json" };

const schema = buildSchema(readFileSync(new URL("../../alpha.graphql", import.meta.url), "utf8"));

/** Operations of the contract that are not built yet. Whoever builds one removes it here. */
const missing: string[] = [];

interface Argument {
  name: string;
  type: string;
  required: boolean;
  fields?: Record<string, string>;
}
interface Operation {
  name: string;
  args: Argument[] | string;
  response?: Record<string, unknown> | string;
}
const operations = [
  ...contract.queries.map((one) => ({ root: schema.getQueryType(), one: one as Operation })),
  ...contract.mutations.map((one) => ({ root: schema.getMutationType(), one: one as Operation })),
].map(({ root, one }) => ({ ...one, root, field: root?.getFields()[one.name] }));
const built = operations.filter(({ name }) => !missing.includes(name));

/** `{ success: "Boolean", decoded: { id: "String" } }` as the paths "success" and "decoded.id". */
const pathsIn = (response: object, prefix = ""): string[] =>
  Object.entries(response).flatMap(([name, type]) =>
    typeof type === "object" && type !== null ? pathsIn(type, `${prefix}${name}.`) : [`${prefix}${name}`],
  );

/** The type at a path of fields. */
const typeAt = (type: GraphQLType | undefined, path: string): GraphQLType | undefined =>
  path.split(".").reduce<GraphQLType | undefined>((at, name) => {
    const named = getNamedType(at);
    return isObjectType(named) || isInputObjectType(named) ? named.getFields()[name]?.type : undefined;
  }, type);

describe("alpha.graphql", () => {
  it("has every operation of the contract, except those listed here", () => {
    expect(operations.filter(({ field }) => !field).map(({ name }) => name)).toEqual(missing);
  });

  it.each(built)("has the arguments of $name, by their names and types", ({ name, args, field }) => {
    if (typeof args === "string") return;
    for (const { name: argument, type, required, fields = {} } of args) {
      const ours = field?.args.find((one) => one.name === argument);
      expect(ours, `${name}(${argument})`).toBeDefined();
      // The contract's object is an input or any JSON.
      if (type !== "object") expect(String(getNamedType(ours?.type)), `${name}(${argument})`).toBe(type);
      if (!required) expect(String(ours?.type), `${name}(${argument})`).not.toMatch(/!$/);
      for (const [part, partType] of Object.entries(fields))
        expect(String(typeAt(ours?.type, part)), `${name}(${argument}.${part})`).toBe(partType);
    }
  });

  it.each(built)("requires no argument of $name that the contract lacks", ({ args, field }) => {
    const known = typeof args === "string" ? [] : args.map(({ name }) => name);
    const required = field?.args.filter(({ type, name }) => /!$/.test(String(type)) && !known.includes(name));
    expect(required?.map(({ name }) => name)).toEqual([]);
  });

  it.each(built)("has the fields of the response to $name", ({ response, field }) => {
    const paths = typeof response === "object" ? pathsIn(response) : [];
    expect(paths.filter((path) => typeAt(field?.type, path) === undefined)).toEqual([]);
  });

  it("answers each mutation with a StatusMessage and each query with a list", () => {
    const fieldsOf = (type: GraphQLObjectType | null | undefined) => Object.values(type?.getFields() ?? {});
    expect(new Set(fieldsOf(schema.getMutationType()).map(({ type }) => String(type)))).toEqual(
      new Set(["StatusMessage!"]),
    );
    expect(fieldsOf(schema.getQueryType()).filter(({ type }) => !isListType(getNullableType(type)))).toEqual([]);
  });

  it("has the fields of a status message, and of a token of the clients from 2018", () => {
    const fields = (name: string) => Object.keys((schema.getType(name) as GraphQLObjectType).getFields());
    expect(fields("StatusMessage")).toEqual(expect.arrayContaining(Object.keys(contract.models.statusMessage)));
    expect(fields("DecodedToken").sort()).toEqual([...contract.relatedClients.decodedFields].sort());
    const [createToken] = contract.relatedClients.operations;
    expect(createToken?.args).toContain("identity (earlier: username)");
    expect(
      schema
        .getMutationType()
        ?.getFields()
        .createToken?.args.map(({ name }) => name),
    ).toContain("identity");
  });

  it("describes every type, field and argument", () => {
    const argsOf = (field: object) => ("args" in field ? (field.args as readonly GraphQLArgument[]) : []);
    const silent = Object.values(createAlphaSchema().getTypeMap())
      .filter((type) => !type.name.startsWith("__") && type.astNode)
      .flatMap((type) => {
        const fields = isObjectType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : [];
        return [
          ...(type.description ? [] : [type.name]),
          ...fields.flatMap((field) => [
            ...(field.description ? [] : [`${type.name}.${field.name}`]),
            ...argsOf(field)
              .filter(({ description }) => !description)
              .map(({ name }) => `${type.name}.${field.name}(${name})`),
          ]),
        ];
      });
    expect(silent).toEqual([]);
  });

  it("declares no type that nothing uses", () => {
    const sdl = readFileSync(new URL("../../alpha.graphql", import.meta.url), "utf8");
    const declared = [...sdl.matchAll(/^(?:type|input|enum|scalar) (\w+)/gm)].map(([, name = ""]) => name);
    const unused = declared.filter((name) => !new RegExp(`: \\[?${name}\\b`).test(sdl));
    expect(unused).toEqual([]);
  });
});

describe("createAlphaSchema", () => {
  it("throws for a root field without @auth or @public", () => {
    const sdl = readFileSync(new URL("../../alpha.graphql", import.meta.url), "utf8");
    const open = sdl.replace("[Organization!]! @auth", "[Organization!]!");
    expect(open).not.toBe(sdl);
    expect(() => createAlphaSchema(undefined, open)).toThrow("Query.organizations has no access rule");
  });
});

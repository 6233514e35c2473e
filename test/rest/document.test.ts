import SwaggerParser from "@apidevtools/swagger-parser";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { createDocument } from "../../src/api/rest/document/createDocument.ts";
import { routes } from "../../src/api/rest/routes.ts";
import { defineRoute, type Route, signedIn } from "../../src/api/rest/routing/route.ts";
import { testHouston } from "../support/houston.ts";
import { documentProblems } from "./documentProblems.ts";

const { url } = await testHouston();
const address = `${url}/platform/v1beta1/openapi`;
// biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
const document: any = await (await fetch(`${address}.json`)).json();

describe("the OpenAPI document", () => {
  it.each([
    ["json", "application/json; charset=utf-8"],
    ["yaml", "application/yaml; charset=utf-8"],
  ])("is served without a token, and only once to a client that keeps it (%s)", async (format, type) => {
    const answer = await fetch(`${address}.${format}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe(type);
    expect(answer.headers.get("cache-control")).toBe("no-cache");
    const etag = answer.headers.get("etag") ?? "";
    for (const known of [etag, `"other", ${etag}`]) {
      const again = await fetch(`${address}.${format}`, { headers: { "if-none-match": known }, cache: "no-store" });
      expect(again.status).toBe(304);
      expect(await again.text()).toBe("");
    }
    expect((await fetch(`${address}.${format}`, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
    expect((await fetch(`${address}.${format}`, { method: "HEAD" })).headers.get("etag")).toBe(etag);
  });

  it("is the same in YAML, to parsers of version 1.1 and of version 1.2", async () => {
    const yaml = await (await fetch(`${address}.yaml`)).text();
    for (const version of ["1.1", "1.2"] as const) expect(parse(yaml, { version })).toEqual(document);
    expect(yaml).not.toMatch(/: [&*]a\d/);
  });

  it("is valid OpenAPI 3.0, by two validators and by checks of what they let pass", async () => {
    expect(document.openapi).toBe("3.0.3");
    await SwaggerParser.validate(structuredClone(document));
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true });
    expect(documentProblems(document)).toEqual([]);
  });

  it("describes all routes, each with what it does and what its parameters mean", () => {
    const operations = Object.values<object>(document.paths).flatMap((methods) => Object.values(methods));
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(
      routes.map(({ operationId }) => operationId).sort(),
    );
    for (const { summary, tags, parameters = [] } of operations) {
      expect(summary).toMatch(/^[A-Z]/);
      expect(document.tags.map(({ name }: { name: string }) => name)).toContain(tags[0]);
      for (const { name, description } of parameters) expect(description, name).toMatch(/\.$/);
    }
  });

  it("asks for a bearer token, and names the server by its path", () => {
    expect(document.security).toEqual([{ JWT: [] }]);
    expect(document.components.securitySchemes.JWT).toMatchObject({ type: "http", scheme: "bearer" });
    expect(document.servers).toMatchObject([{ url: "/platform/v1beta1" }]);
  });
});

describe("the schemas in the document", () => {
  const Name = z.string().max(5).describe("A name.");
  const Cat = z.strictObject({ kind: z.literal("CAT"), lives: z.int().min(1).default(9) }).meta({ id: "Cat" });
  const Dog = z.strictObject({ kind: z.enum(["DOG", "PUPPY"]), name: Name }).meta({ id: "Dog" });
  const Pet = z.discriminatedUnion("kind", [Cat, Dog]).meta({ id: "Pet" });
  const Answer = z
    .strictObject({
      color: z.enum(["RED", "BLUE"]).nullable(),
      count: z.int(),
      at: z.iso.datetime(),
      size: z.string().regex(/^(?<digits>\d+)(?<unit>[KMG]i)?$/),
      one: Dog.optional(),
      other: Dog.optional().describe("Another one."),
    })
    .meta({ id: "Answer" });
  const route = (given: Partial<Route> = {}) =>
    defineRoute({
      ...{ operationId: "addPet", tag: "pet", method: "POST", path: "/homes/{homeId}/pets", summary: "Add a pet" },
      ...{ access: [signedIn], body: Pet, answer: Answer, errors: [400], work: { run: async () => undefined } },
      ...given,
    } as Route);
  // biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
  const documentOf = (...given: Route[]): any => createDocument(given, "/");
  const { schemas } = documentOf(route()).components;

  it("name the discriminator of a union and what each of its values stands for", () => {
    expect(schemas.Pet).toEqual({
      oneOf: [{ $ref: "#/components/schemas/Cat" }, { $ref: "#/components/schemas/Dog" }],
      discriminator: {
        propertyName: "kind",
        mapping: {
          CAT: "#/components/schemas/Cat",
          DOG: "#/components/schemas/Dog",
          PUPPY: "#/components/schemas/Dog",
        },
      },
    });
  });

  it("require what has a default in answers only", () => {
    expect(schemas.Cat.required).toEqual(["kind"]);
    const answer = route({ answer: Cat });
    Reflect.deleteProperty(answer, "body");
    expect(documentOf(answer).components.schemas.Cat.required).toEqual(["kind", "lives"]);
  });

  it("allow null in an enum that may be null, and every integer", () => {
    const { color, count } = schemas.Answer.properties;
    expect(color).toEqual({ type: "string", enum: ["RED", "BLUE", null], nullable: true });
    expect(count).toEqual({ type: "integer" });
  });

  it("have times without a pattern, and patterns that every language knows", () => {
    const { at, size } = schemas.Answer.properties;
    expect(at).toEqual({ type: "string", format: "date-time" });
    expect(size).toEqual({ type: "string", pattern: "^(\\d+)([KMG]i)?$" });
  });

  it("cannot be references or unions that may be null, which OpenAPI 3.0 cannot describe", () => {
    for (const schema of [Dog.nullable(), z.union([z.string(), z.int()]).nullable()])
      expect(() => documentOf(route({ answer: z.strictObject({ schema }) }))).toThrow("may be null");
  });

  it("are referred to by name, with a description beside the reference", () => {
    const { one, other } = schemas.Answer.properties;
    expect(one).toEqual({ $ref: "#/components/schemas/Dog" });
    expect(other).toEqual({ allOf: [{ $ref: "#/components/schemas/Dog" }], description: "Another one." });
  });

  it("cannot have one name for two schemas, or an unnamed option", () => {
    const other = z.strictObject({ kind: z.literal("CAT") }).meta({ id: "Cat2" });
    const clash = z.strictObject({ cat: z.strictObject({}).meta({ id: "Other" }) }).meta({ id: "Pet2" });
    z.globalRegistry.remove(clash.shape.cat);
    z.globalRegistry.add(clash.shape.cat, { id: "Answer" });
    expect(() => documentOf(route(), route({ body: clash }))).toThrow("have the name Answer");
    z.globalRegistry.remove(other);
    expect(() => documentOf(route({ body: z.discriminatedUnion("kind", [other, Dog]) }))).toThrow("has no name");
  });
});

describe("the check of what validators let pass", () => {
  it.each<[string, { path?: string; parameters?: object[]; schema?: object }, string]>([
    ["a parameter that is in no path", { path: "/a", parameters: [{ name: "b", in: "path" }] }, "op: /a declares b"],
    ["a parameter that is not declared", { path: "/{b}", parameters: [] }, "op: /{b} declares "],
    [
      "a reference that leads nowhere",
      { schema: { $ref: "#/components/schemas/No" } },
      "#/components/schemas/No leads nowhere",
    ],
    ["an enum without null", { schema: { nullable: true, enum: ["a"] } }, "null is not among a"],
    ["an unknown required field", { schema: { required: ["a"], properties: {} } }, "a is required, but no field"],
  ])("finds %s", (_title, { path = "/", parameters = [], schema = {} }, expected) => {
    const paths = { [path]: { get: { operationId: "op", parameters, responses: { 200: { schema } } } } };
    expect(documentProblems({ paths, components: { schemas: {} } })).toEqual([expected]);
  });

  it("finds an operation ID that is used twice, and a schema that is not used", () => {
    const paths = { "/": { get: { operationId: "op" }, post: { operationId: "op" } } };
    expect(documentProblems({ paths, components: { schemas: { A: {} } } })).toEqual([
      "op is used twice",
      "A is not used",
    ]);
  });
});

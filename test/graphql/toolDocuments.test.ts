import { getIntrospectionQuery } from "graphql";
import { describe, expect, it } from "vitest";
import { createSchema } from "../../src/api/graphql/createSchema.ts";
import { createDocumentCheck } from "../../src/api/graphql/documentLimits.ts";
import { nouns } from "../../src/services/nouns.ts";
import { allDocuments } from "../clients/scenarios/laterDocuments.ts";
import { samples } from "../support/documented.ts";
import { doorsOf } from "../support/doors.ts";
import { testHouston } from "../support/houston.ts";

const { url, build, config } = await testHouston();

const names = "kind name";
const typeRef = (levels: number): string => `${names}${levels > 0 ? ` ofType { ${typeRef(levels - 1)} }` : ""}`;

/** The introspection query of a tool that writes its own. */
const introspection = (levels: number, { deprecatedArgs = false, isOneOf = false, __typename = false } = {}) => {
  const deprecated = deprecatedArgs ? "(includeDeprecated: true)" : "";
  const reason = deprecatedArgs ? "isDeprecated deprecationReason" : "";
  const self = __typename ? "__typename" : "";
  return `query IntrospectionQuery {
    __schema {
      ${self} description
      queryType { name } mutationType { name } subscriptionType { name }
      types { ${self} ...FullType }
      directives { name description isRepeatable locations args${deprecated} { ...InputValue } }
    }
  }
  fragment FullType on __Type {
    kind name description specifiedByURL ${isOneOf ? "isOneOf" : ""}
    fields(includeDeprecated: true) {
      name description args${deprecated} { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
    }
    inputFields${deprecated} { ...InputValue }
    interfaces { ...TypeRef }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    possibleTypes { ...TypeRef }
  }
  fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue ${reason} }
  fragment TypeRef on __Type { ${typeRef(levels)} }`;
};

const everything = {
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
};

const tools = [
  ["GraphQL Playground", getIntrospectionQuery()],
  ["GraphiQL", getIntrospectionQuery({ ...everything, oneOf: false })],
  ["graphql-codegen, and others that use graphql-js with every option", getIntrospectionQuery(everything)],
  ["graphql-codegen without descriptions", getIntrospectionQuery({ ...everything, descriptions: false })],
  ["gql for Python", introspection(7)],
  ["Insomnia", introspection(9, { deprecatedArgs: true })],
  ["Postman", introspection(7, { deprecatedArgs: true })],
  ["rover and Apollo Sandbox", introspection(9, { deprecatedArgs: true, isOneOf: true, __typename: true })],
  ["Apollo Sandbox, whether the server is there", "query ping { __typename }"],
  [
    "completion of one type",
    "query ($name: String!) { __type(name: $name) { name fields { name args { name type { ...T } } type { ...T } } } } " +
      "fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }",
  ],
] as const;

describe("G10: the limits allow what tools send", () => {
  it.each(tools)("%s", async (_, query) => {
    const { token } = await build.user();
    for (const { name, send } of doorsOf(url, { token })) {
      const { errors, data } = await send(query, query.includes("$name") ? { name: "Query" } : undefined);
      expect(errors, name).toEqual([]);
      expect(data, name).toBeTruthy();
    }
  });
});

describe("the limits allow what clients send", () => {
  const check = createDocumentCheck(createSchema(nouns), config.limits);

  it.each([
    [
      "the command line, of every version",
      Object.values(allDocuments).flatMap((known) => known.map(({ query }) => query)),
    ],
    ["the documented requests", samples.map(({ document }) => document)],
  ])("%s", (_, requests) => {
    expect(requests.length).toBeGreaterThan(10);
    for (const query of requests) expect([query, check(query)?.message]).toEqual([query, undefined]);
  });
});

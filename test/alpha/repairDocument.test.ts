import { buildSchema, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { repairDocument } from "../../src/api/alpha/repairDocument.ts";
import { createAlpha } from "../support/alpha.ts";
import { testHouston } from "../support/houston.ts";

const schema = buildSchema(`
  scalar JSON
  type Status { success: Boolean! message: String! id: String token: String decoded: Decoded }
  type Decoded { id: String! }
  type Organization { id: String! name: String! }
  input Profile { firstName: String lastName: String company: String }
  type Query { organizations(orgId: String): [Organization!]! both: Status }
  type Mutation {
    both: Status
    createNewUser(email: String!, password: String!, profile: Profile): Status!
    createOrganization(name: String!, userId: String!): Status!
    createIntegration(
      appId: String!, integrationCode: String!, configPayload: JSON!, connectionId: String!, name: String!
    ): Status!
  }
`);
const repair = (document: string) => repairDocument(document, schema);
const errorsIn = (document: string) => validate(schema, parse(document)).map(({ message }) => message);

/** The examples as the documentation of the API prints them. */
const printed = {
  createNewUser: `mutation {
  createNewUser(
    email: "ada@example.com"
    password: "correct horse"
    profile: {{
      firstName: "Ada"
      lastName: "Lovelace"
      company: "Engines"
    }}
  ) {
    success
    message
    token
    decoded {
      id
    }
  }
}`,
  createOrganization: `createOrganization(
  name: "My Organization"
  userId: "cjx"
) {
  success
  message
  id
}`,
  createIntegration: `mutation {
  createIntegration(
    appId: "V1StGXR8Z5jdHi6BmyT7x"
    integrationCode: "google-analytics"
    configPayload: {"trackId": "UA-1"}
    connectionId: "cjx"
    name: "Analytics"
  ) { success message id }
}`,
};

describe("a printed example", () => {
  it.each(Object.entries(printed))("of %s does not parse as printed, and is valid once repaired", (_name, document) => {
    expect(() => parse(document)).toThrow("Syntax Error");
    expect(errorsIn(repair(document))).toEqual([]);
  });
});

describe("repairDocument", () => {
  it("makes doubled braces single, and keeps every position", () => {
    expect(repair(`mutation { createNewUser(profile: {{ firstName: "Ada" }}) { id } }`)).toBe(
      `mutation { createNewUser(profile:  { firstName: "Ada" } ) { id } }`,
    );
    expect(repair("mutation { createNewUser(profile: {{{company: $c}}}) {{ id }} }")).toBe(
      "mutation { createNewUser(profile:   {company: $c}  )  { id }  }",
    );
  });

  it("makes quoted keys names, and keeps every position", () => {
    expect(
      repair(`mutation { createIntegration(configPayload: {"trackId": "x", "a" : ["b", {"c": 1}]}) { id } }`),
    ).toBe(`mutation { createIntegration(configPayload: { trackId : "x",  a  : ["b", { c : 1}]}) { id } }`);
  });

  it.each([
    [`createOrganization(name: "a", userId: "b") { id }`],
    [`# Creates it\ncreateOrganization(name: "a", userId: "b") { id } # done`],
    [`{ createOrganization(name: "a", userId: "b") { id } }`],
    [`# { Creates it }\n{ createOrganization(name: "a", userId: "b") { id } }`],
    [`a: createOrganization(name: "a", userId: "b") { id }\nb: createOrganization(name: "c", userId: "b") { id }`],
    [`{ createOrganization(name: "a", userId: "b") { ...Made } } fragment Made on Status { id }`],
  ])("adds the word mutation: %s", (document) => {
    const repaired = repair(document);
    expect(errorsIn(repaired)).toEqual([]);
    expect(parse(repaired).definitions[0]).toMatchObject({ operation: "mutation" });
  });

  it("corrects several defects of one document", () => {
    const document = `createNewUser(email: "a", password: "b", profile: {{"firstName": "Ada"}}) { id }`;
    expect(errorsIn(repair(document))).toEqual([]);
    expect(errorsIn(repair(`{ ${document} }`))).toEqual([]);
  });

  it.each([
    ["a query", "{ organizations { id name } }"],
    ["a mutation", printed.createIntegration.replace(`{"trackId": "UA-1"}`, '{ trackId: "UA-1" }')],
    ["a shorthand of a field that is both", "{ both { id } }"],
    [
      "a shorthand of a query and a mutation",
      `{ organizations { id } createOrganization(name: "a", userId: "b") { id } }`,
    ],
    ["doubled braces in a string", `mutation { createOrganization(name: "{{ a }} \\"b\\": {{", userId: "c") { id } }`],
    [
      "doubled braces in a block string",
      `mutation { createOrganization(name: """{{ "a": 1 }}""", userId: "c") { id } }`,
    ],
    ["doubled braces in a comment", "{ organizations { id } } # {{ }}"],
    ["a named operation", `query Made { createOrganization(name: "a", userId: "b") { id } }`],
    [
      "the default of a variable",
      `mutation ($name: String = "a") { createOrganization(name: $name, userId: "b") { id } }`,
    ],
  ])("leaves %s as it is", (_what, document) => {
    expect(repair(document)).toBe(document);
  });

  it.each([
    ["an unclosed brace", `mutation { createNewUser(profile: {{ firstName: "Ada" }) { id } }`],
    ["an unclosed string", `mutation { createOrganization(name: "a) { id } }`],
    ["a key that is not a name", `mutation { createIntegration(configPayload: {"track-id": 1}) { id } }`],
    ["braces around braces and more", `mutation { createNewUser(profile: {{ firstName: "Ada" } 1}) { id } }`],
    ["an unknown field without mutation", `createNothing(name: "a") { id }`],
    ["a query without braces", "organizations { id }"],
    ["words", "please create an Organization"],
    ["closing braces", "}}}}"],
    ["an empty document", " "],
  ])("leaves %s as it is, so that the error is about what was sent", (_what, document) => {
    expect(repair(document)).toBe(document);
  });

  it("repairs a long document in time proportional to its length", () => {
    const timeOf = (count: number) => {
      const document = `mutation { createIntegration(configPayload: [${`{{"a": "b"}}, `.repeat(count)}]) { id } }`;
      const start = performance.now();
      expect(repair(document)).not.toBe(document);
      return performance.now() - start;
    };
    timeOf(1_000);
    const short = Math.min(...[1, 2, 3].map(() => timeOf(1_000)));
    const long = Math.min(...[1, 2, 3].map(() => timeOf(8_000)));
    // Quadratic time would be 64 times as long.
    expect(long / short).toBeLessThan(32);
  });
});

const { url, db } = await testHouston({ publicSignups: true });
const alpha = createAlpha(url);

describe("POST /alpha", () => {
  it("runs the printed example of createNewUser, and without the word mutation", async () => {
    const { status, data } = await alpha(undefined).send(printed.createNewUser);
    expect([status, data.createNewUser.success]).toEqual([200, true]);
    const user = await db.user.findFirstOrThrow({ where: { username: "ada@example.com" } });
    expect(user).toMatchObject({ fullName: "Ada Lovelace", profile: { company: "Engines" } });
    const signIn = `createToken(username: "ada@example.com", password: "correct horse") { success decoded { id } }`;
    for (const document of [signIn, `{ ${signIn} }`]) {
      expect((await alpha(undefined).send(document)).data.createToken).toEqual({
        success: true,
        decoded: { id: user.id },
      });
    }
  });

  it("reports the original error of a document that cannot be repaired", async () => {
    const { status, errors } = await alpha(undefined).send(
      `mutation {\n  createNewUser(profile: {{ firstName: "a" }) { id } }`,
    );
    expect(status).toBe(400);
    expect(errors).toMatchObject([
      {
        message: expect.stringMatching(/^Syntax Error: Expected Name, found "{"/),
        extensions: { code: "GRAPHQL_PARSE_FAILED" },
      },
    ]);
    expect(errors?.[0]).toMatchObject({ locations: [{ line: 2, column: 27 }] });
  });

  it("reports an invalid field of a repaired document where it was sent", async () => {
    const document = `mutation {\n  createNewUser(email: "a", password: "b", profile: {{ nickname: "a" }}) { id } }`;
    const { status, errors } = await alpha(undefined).send(document);
    expect(status).toBe(400);
    expect(errors?.[0]).toMatchObject({
      locations: [{ line: 2, column: (document.split("\n")[1] ?? "").indexOf("nickname") + 1 }],
    });
  });
});

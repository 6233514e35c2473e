import { getIntrospectionQuery } from "graphql";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const limits = { tokens: 1_500, depth: 8, aliases: 10, directives: 10, errors: 5 };
const { url, as } = await testHouston({ limits });
const nobody = as(undefined);

const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join(" ");

/** A field nested `depth` levels deep. */
const deep = (depth: number) =>
  `__type(name: "Query") { ${"ofType { ".repeat(depth - 2)} name ${"} ".repeat(depth - 1)}`;

describe("document limits", () => {
  it.each([
    ["depth", `{ ${deep(10)} }`, /depth limit of 8 exceeded, found 10/],
    ["aliases", `{ ${times(11, (i) => `a${i}: appConfig { version }`)} }`, /Aliases limit of 10 exceeded, found 11/],
    ["tokens", `{ ${times(400, () => "appConfig { version }")} }`, /1500 tokens/],
    [
      "directives",
      `{ ${times(11, () => "appConfig @include(if: true) { version }")} }`,
      /Directives limit of 10 exceeded, found 11/,
    ],
  ])("report the limit of %s and the allowed value once", async (_limit, query, message) => {
    const { status, errors, data } = await nobody.send(query);
    expect(status).toBe(400);
    expect(data).toBeUndefined();
    const about = (errors ?? []).filter((error) => message.test(error.message));
    expect(about).toHaveLength(1);
    expect(about[0]?.extensions.code).toMatch(/^GRAPHQL_(VALIDATION|PARSE)_FAILED$/);
  });

  it("are reported once for a document with many operations", async () => {
    const { errors } = await nobody.send(times(15, (i) => `query a${i} { ${deep(10)} }`));
    expect(errors?.map(({ message }) => message)).toEqual(["Query depth limit of 8 exceeded, found 10."]);
  });

  it("reject fragments that multiply", async () => {
    const spread = (name: string) => times(10, (i) => `... on Query { ...${name}${i % 2} }`);
    const level = (from: string, to: string) =>
      times(2, (i) => `fragment ${from}${i} on Query { ${to ? spread(to) : "appConfig { version }"} }`);
    const query = `{ ${spread("a")} } ${level("a", "b")} ${level("b", "c")} ${level("c", "d")} ${level("d", "")}`;
    const { status, errors } = await nobody.send(query);
    expect(status).toBe(400);
    expect(errors?.[0]?.message).toContain("recursively requests too many selections");
  });

  it("report a few errors of a document, not all", async () => {
    const { status, errors } = await nobody.send(`{ ${times(200, (i) => `nothing${i}`)} }`);
    expect(status).toBe(400);
    expect(errors).toHaveLength(5);
    expect(errors?.[0]?.message).toMatch(/^Cannot query field "nothing0"/);
  });

  it("report a few errors of the variables, not all", async () => {
    const search = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`nothing${i}`, "x"]));
    const query = "query($search: UserSearch) { users(user: $search) { id } }";
    const { status, errors } = await nobody.send(query, { search });
    expect(status).toBe(400);
    expect(errors?.length).toBeLessThanOrEqual(5);
    expect(errors?.every(({ extensions }) => extensions.code === "BAD_USER_INPUT")).toBe(true);
  });

  it("allow the introspection query of GraphQL Playground", async () => {
    const { status, errors } = await nobody.send(getIntrospectionQuery());
    expect(errors).toBeUndefined();
    expect(status).toBe(200);
  });
});

describe("GraphQL errors", () => {
  it("suggest no field names", async () => {
    const { errors } = await nobody.send("{ appConfi { version } }");
    expect(errors?.[0]?.message).toBe('Cannot query field "appConfi" on type "Query".');
  });

  it("name the invalid variable", async () => {
    const query = "query($yes: Boolean!) { appConfig { version @include(if: $yes) } }";
    const { status, errors } = await nobody.send(query, { yes: "maybe" });
    expect(status).toBe(400);
    expect(errors?.[0]).toMatchObject({ extensions: { code: "BAD_USER_INPUT" } });
    expect(errors?.[0]?.message).toContain('Variable "$yes" got invalid value "maybe"');
  });

  it("are short, even for long values", async () => {
    const query = "query($search: UserSearch) { users(user: $search) { id } }";
    const { errors } = await nobody.send(query, { search: { nothing: "x".repeat(100_000) } });
    expect(errors?.[0]?.message).toMatch(/^Variable "\$search" .*"nothing" is not defined by type "UserSearch"\.$/);
    expect(errors?.[0]?.message.length).toBeLessThan(1_100);
  });

  it("are omitted from the response when there are none", async () => {
    expect(Object.keys(await nobody.send("{ appConfig { version } }"))).toEqual(["data", "status"]);
  });
});

describe("requests other than POST with a JSON body", () => {
  const query = "{ appConfig { version } }";
  const post = (body: string, headers: Record<string, string>) => fetch(`${url}/v1`, { method: "POST", body, headers });

  it("are rejected with 415 for other content types", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/graphql"]) {
      expect((await post(JSON.stringify({ query }), { "content-type": type })).status).toBe(415);
    }
  });

  it("are rejected when batched", async () => {
    const answer = await post(JSON.stringify([{ query }]), { "content-type": "application/json" });
    expect(answer.status).toBe(400);
  });

  it("are rejected for mutations by GET, and for queries that another site could send", async () => {
    const get = (document: string, headers = {}) =>
      fetch(`${url}/v1?query=${encodeURIComponent(document)}`, { headers });
    expect((await get(query)).status).toBe(400);
    const mutation = `mutation { createToken(identity: "a@b.co", password: "x") { token { value } } }`;
    expect((await get(mutation, { "apollo-require-preflight": "1" })).status).toBe(405);
  });
});

import { getIntrospectionQuery } from "graphql";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const limits = { tokens: 1_500, depth: 8, aliases: 10, directives: 10, errors: 5 };
const { url, as } = await testHouston({ limits });
const nobody = as(undefined);

const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join(" ");

/** A field with `depth` levels. */
const deep = (depth: number) =>
  `__type(name: "Query") { ${"ofType { ".repeat(depth - 2)} name ${"} ".repeat(depth - 1)}`;

describe("limits of a document", () => {
  it.each([
    ["depth", `{ ${deep(10)} }`, /depth limit of 8 exceeded, found 10/],
    ["aliases", `{ ${times(11, (i) => `a${i}: appConfig { version }`)} }`, /Aliases limit of 10 exceeded, found 11/],
    ["tokens", `{ ${times(400, () => "appConfig { version }")} }`, /1500 tokens/],
    [
      "directives",
      `{ ${times(11, () => "appConfig @include(if: true) { version }")} }`,
      /Directives limit of 10 exceeded, found 11/,
    ],
  ])("names the limit of %s and what is allowed, once", async (_limit, query, message) => {
    const { status, errors, data } = await nobody.send(query);
    expect(status).toBe(400);
    expect(data).toBeUndefined();
    const about = (errors ?? []).filter((error) => message.test(error.message));
    expect(about).toHaveLength(1);
    expect(about[0]?.extensions.code).toMatch(/^GRAPHQL_(VALIDATION|PARSE)_FAILED$/);
  });

  it("says so once for a document with many operations", async () => {
    const { errors } = await nobody.send(times(15, (i) => `query a${i} { ${deep(10)} }`));
    expect(errors?.map(({ message }) => message)).toEqual(["Query depth limit of 8 exceeded, found 10."]);
  });

  it("refuses fragments that multiply", async () => {
    const spread = (name: string) => times(10, (i) => `... on Query { ...${name}${i % 2} }`);
    const level = (from: string, to: string) =>
      times(2, (i) => `fragment ${from}${i} on Query { ${to ? spread(to) : "appConfig { version }"} }`);
    const query = `{ ${spread("a")} } ${level("a", "b")} ${level("b", "c")} ${level("c", "d")} ${level("d", "")}`;
    const { status, errors } = await nobody.send(query);
    expect(status).toBe(400);
    expect(errors?.[0]?.message).toContain("recursively requests too many selections");
  });

  it("reports a few errors of a document, not all", async () => {
    const { status, errors } = await nobody.send(`{ ${times(200, (i) => `nothing${i}`)} }`);
    expect(status).toBe(400);
    expect(errors).toHaveLength(5);
    expect(errors?.[0]?.message).toMatch(/^Cannot query field "nothing0"/);
  });

  it("reports a few errors of the variables, not all", async () => {
    const search = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`nothing${i}`, "x"]));
    const query = "query($search: UserSearch) { users(user: $search) { id } }";
    const { status, errors } = await nobody.send(query, { search });
    expect(status).toBe(400);
    expect(errors?.length).toBeLessThanOrEqual(5);
    expect(errors?.every(({ extensions }) => extensions.code === "BAD_USER_INPUT")).toBe(true);
  });

  it("lets the introspection of GraphQL Playground through", async () => {
    const { status, errors } = await nobody.send(getIntrospectionQuery());
    expect(errors).toBeUndefined();
    expect(status).toBe(200);
  });
});

describe("what clients learn from errors", () => {
  it("is no field name they did not know", async () => {
    const { errors } = await nobody.send("{ appConfi { version } }");
    expect(errors?.[0]?.message).toBe('Cannot query field "appConfi" on type "Query".');
  });

  it("is which variable was wrong", async () => {
    const query = "query($yes: Boolean!) { appConfig { version @include(if: $yes) } }";
    const { status, errors } = await nobody.send(query, { yes: "maybe" });
    expect(status).toBe(400);
    expect(errors?.[0]).toMatchObject({ extensions: { code: "BAD_USER_INPUT" } });
    expect(errors?.[0]?.message).toContain('Variable "$yes" got invalid value "maybe"');
  });

  it("is short, however long the value was", async () => {
    const query = "query($search: UserSearch) { users(user: $search) { id } }";
    const { errors } = await nobody.send(query, { search: { nothing: "x".repeat(100_000) } });
    expect(errors?.[0]?.message).toMatch(/^Variable "\$search" .*"nothing" is not defined by type "UserSearch"\.$/);
    expect(errors?.[0]?.message.length).toBeLessThan(1_100);
  });

  it("leaves the key `errors` out when there are none", async () => {
    expect(Object.keys(await nobody.send("{ appConfig { version } }"))).toEqual(["data", "status"]);
  });
});

describe("what is not GraphQL by POST with a JSON body", () => {
  const query = "{ appConfig { version } }";
  const post = (body: string, headers: Record<string, string>) => fetch(`${url}/v1`, { method: "POST", body, headers });

  it("refuses other content types with 415", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/graphql"]) {
      expect((await post(JSON.stringify({ query }), { "content-type": type })).status).toBe(415);
    }
  });

  it("refuses batches", async () => {
    const answer = await post(JSON.stringify([{ query }]), { "content-type": "application/json" });
    expect(answer.status).toBe(400);
  });

  it("refuses mutations by GET, and queries that a foreign page could send", async () => {
    const get = (document: string, headers = {}) =>
      fetch(`${url}/v1?query=${encodeURIComponent(document)}`, { headers });
    expect((await get(query)).status).toBe(400);
    const mutation = `mutation { createToken(identity: "a@b.co", password: "x") { token { value } } }`;
    expect((await get(mutation, { "apollo-require-preflight": "1" })).status).toBe(405);
  });
});

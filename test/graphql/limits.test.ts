import { getIntrospectionQuery } from "graphql";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const limits = { tokens: 1_500, depth: 8, aliases: 10, directives: 10, errors: 5 };
const { as } = await testHouston({ limits, apollo: { anonymousIntrospection: true } });
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
    [
      "tokens",
      `{ ${times(400, () => "appConfig { version }")} }`,
      /query: must have at most 1500 tokens outside of lists/,
    ],
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
    expect(about[0]?.extensions.code).toMatch(/^GRAPHQL_VALIDATION_FAILED$/);
    expect(about[0]?.message).toMatch(/; (select fewer|send several|use fewer)/);
  });

  it("are reported once for a document with many operations", async () => {
    const { errors } = await nobody.send(times(15, (i) => `query a${i} { ${deep(10)} }`));
    expect(errors?.map(({ message }) => message)).toEqual([
      "Query depth limit of 8 exceeded, found 10; select fewer levels of fields.",
    ]);
  });

  it("reject fragments that multiply", async () => {
    const level = (n: number) => `fragment A${n} on __Type { ofType { ...A${n + 1} } interfaces { ...A${n + 1} } }`;
    const query = `{ __schema { types { ...A0 } } } ${times(12, level)} fragment A12 on __Type { name }`;
    const { status, errors } = await nobody.send(query);
    expect(status).toBe(400);
    expect(errors?.map(({ message }) => message)).toEqual([
      "Selections limit of 10000 exceeded, found 20479; spread fragments less often.",
    ]);
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

  it("G10: allow the introspection query of GraphQL Playground", async () => {
    const { status, errors } = await nobody.send(getIntrospectionQuery());
    expect(errors).toBeUndefined();
    expect(status).toBe(200);
  });
});

describe("the default limits", async () => {
  const { as } = await testHouston({ apollo: { anonymousIntrospection: true } });
  const variables = times(1_000, (i) => `{key: "KEY_${i}", value: "a", isSecret: false}`);
  const send = (query: string) => as(undefined).send(query);

  it.each([
    ["1,000 environment variables", `upsertDeployment(environmentVariables: [${variables}]) { id }`],
    [
      "200 imported users",
      `deploymentUserBulkImport(deploymentId: "a", users: [${times(
        200,
        (i) => `{email: "u${i}@example.com", fullName: "U", workspaceRole: WORKSPACE_VIEWER}`,
      )}]) { email }`,
    ],
    [
      "100 e-mail addresses of alerts",
      `deploymentAlertsUpdate(deploymentUuid: "a", alertEmails: [${times(100, (i) => `"u${i}@example.com"`)}]) { id }`,
    ],
    ["10,000 user IDs", `createTeam(name: "a", userIds: [${times(10_000, (i) => `"u${i}"`)}]) { __typename }`],
  ])("allow every documented list as a literal: %s", async (_list, field) => {
    const { errors } = await send(`mutation { ${field} }`);
    expect(errors?.map(({ message }) => message)).toEqual(["You do not have the appropriate permissions for that"]);
  });

  it("tell callers to send longer lists as variables", async () => {
    const { status, errors } = await send(
      `mutation { createTeam(name: "a", userIds: [${times(20_001, () => '"a"')}]) }`,
    );
    expect(status).toBe(400);
    expect(errors?.map(({ message }) => message)).toEqual([
      "query: must have at most 20000 tokens in lists and objects; send the values as variables",
    ]);
  });

  it("reject deeply nested literals without parsing them", async () => {
    const query = `mutation { upsertDeployment(properties: ${"[".repeat(10_000)}${"]".repeat(10_000)}) { id } }`;
    const { status, errors } = await send(query);
    expect(status).toBe(400);
    expect(errors?.[0]?.message).toMatch(/at most 50 nested lists and objects in an argument; send .* as variables/);
  });

  it("count directives outside of introspection only", async () => {
    const fields = times(12, () => "name @include(if: true)");
    expect((await send(`{ __schema { types { ...T } } } fragment T on __Type { ${fields} }`)).errors).toBeUndefined();
    const { errors } = await send(
      `{ ...Q } fragment Q on Query { appConfig { ${times(9, () => "version @include(if: true)")} } }`,
    );
    expect(errors?.[0]?.message).toBe("Directives limit of 8 exceeded, found 9; use fewer of them.");
  });

  it("name a remedy where fields of one name are too many to compare", async () => {
    const large = await testHouston({ limits: { tokens: 1_000, repetitions: 1_000 } });
    const { status, errors } = await large.as(undefined).send(`{ appConfig { ${times(990, () => "version")} } }`);
    expect(status).toBe(400);
    expect(errors?.[0]?.message).toMatch(/too many fields of the same name to compare them; select fewer fields/);
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
    expect(errors?.[0]?.message).toBe(
      'Variable "$yes" got invalid value; Boolean cannot represent a non boolean value',
    );
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

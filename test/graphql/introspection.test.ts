import { getIntrospectionQuery } from "graphql";
import { describe, expect, it } from "vitest";
import { createAs } from "../support/as.ts";
import { type Door, doorsOf } from "../support/doors.ts";
import { testHouston } from "../support/houston.ts";

const off = await testHouston({ apollo: { introspection: false } });
const byDefault = await testHouston();
const open = await testHouston({ apollo: { anonymousIntrospection: true } });

const documents = [
  ["__schema", "{ __schema { queryType { name } } }"],
  ["__type", '{ a: __type(name: "User") { name } }'],
  ["in a fragment", "{ ...A } fragment A on Query { ... { __schema { queryType { name } } } }"],
  ["beside another field", '{ __typename __type(name: "Query") { name } }'],
  ["of an IDE", getIntrospectionQuery()],
] as const;

async function expectRejected(doors: Door[], query: string, error: { code: string; message: RegExp }) {
  for (const { name, send } of doors) {
    const { status, errors, data } = await send(query);
    expect(data, name).toBeUndefined();
    if (status !== undefined) expect(status, name).toBe(400);
    expect(errors, name).toEqual([{ message: expect.stringMatching(error.message), extensions: { code: error.code } }]);
  }
}

describe("introspection that is disabled", () => {
  it.each(documents)("G9: is rejected, with a token too, in both APIs and over both sockets: %s", async (_, query) => {
    const user = await off.build.user();
    for (const someone of [undefined, user]) {
      const error = { code: "GRAPHQL_VALIDATION_FAILED", message: /^Introspection is disabled$/ };
      await expectRejected(doorsOf(off.url, someone), query, error);
    }
  });

  it("is rejected by GET, and does not reject documents that only mention it", async () => {
    const [, query] = documents[0];
    const address = `${off.url}/v1?query=${encodeURIComponent(query)}`;
    expect((await fetch(address, { headers: { "apollo-require-preflight": "1" } })).status).toBe(400);
    const { errors } = await off.as(undefined).send('{ authConfig(redirect: "__schema") { publicSignup } }');
    expect(errors).toBeUndefined();
  });
});

describe("introspection by default, with a PostgreSQL of one's own", () => {
  it.each(documents)("G9: requires a token, in both APIs and over both sockets: %s", async (_, query) => {
    const error = { code: "UNAUTHENTICATED", message: /^Introspection requires a valid token or API key/ };
    await expectRejected(doorsOf(byDefault.url), query, error);
  });

  it("is answered to users and service accounts", async () => {
    const { workspace, viewer } = await byDefault.build.workspace();
    const account = await byDefault.build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    for (const token of [viewer.token, account.token]) {
      for (const { name, send } of doorsOf(byDefault.url, { token })) {
        for (const [, query] of documents) {
          const { errors, data } = await send(query);
          expect(errors, name).toEqual([]);
          expect(data, name).toBeTruthy();
        }
      }
    }
  });

  it("is not answered to a token whose session has ended", async () => {
    const { id, token } = await byDefault.build.user();
    await byDefault.db.session.deleteMany({ where: { userId: id } });
    for (const someone of [{ token }, { token: "not.a.token" }]) {
      const { status, errors } = await createAs(byDefault.url)(someone).send(documents[0][1]);
      expect([status, errors?.[0]?.extensions.code]).toEqual([400, "UNAUTHENTICATED"]);
    }
  });
});

describe("introspection of a try-out", () => {
  it.each(documents)("is answered to everybody: %s", async (_, query) => {
    for (const { name, send } of doorsOf(open.url)) expect((await send(query)).errors, name).toEqual([]);
  });
});

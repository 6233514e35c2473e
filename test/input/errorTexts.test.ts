import { describe, expect, it } from "vitest";
import { alphaNouns, createAlphaSchema } from "../../src/api/alpha/createAlphaSchema.ts";
import { badInput } from "../../src/platform/errors/appError.ts";
import { createAlpha } from "../support/alpha.ts";
import { startTestApp } from "../support/app.ts";
import { doorsOf } from "../support/doors.ts";
import { testHouston } from "../support/houston.ts";

const { url, as, build, db } = await testHouston();

/** A key or value that would make an error as long as the request. */
const long = "x".repeat(150_000);
const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, nth) => [`unknown${nth}`, 1]));

describe("the text of an error is short, whatever was sent", () => {
  it("in the GraphQL API and over both sockets", async () => {
    const { workspace, admin } = await build.workspace();
    const update =
      "mutation ($id: Uuid!, $payload: JSON!) { updateWorkspace(workspaceUuid: $id, payload: $payload) { id } }";
    const search = "query ($search: UserSearch) { users(user: $search) { id } }";
    const doors = doorsOf(url, admin).filter(({ name }) => name !== "/alpha");
    for (const { name, send } of doors) {
      for (const [query, variables] of [
        [update, { id: workspace.id, payload: { [long]: 1 } }],
        [update, { id: workspace.id, payload: { [long]: "\0" } }],
        [update, { id: workspace.id, payload: keys(5_000) }],
        [search, { search: { [long]: 1 } }],
        [search, { search: { email: { [long]: long.slice(0, 50_000) } } }],
        ["query ($a: Int) { users(first: $a) { id } }", { a: long }],
        [`{ users(user: { email: ["${long}"] }) { id } }`, {}],
        [`{ users @a(b: "${long}") { id } }`, {}],
      ] as const) {
        const { errors } = await send(query, variables);
        expect(errors.length, name).toBeGreaterThan(0);
        expect(JSON.stringify(errors).length, `${name} ${query}`).toBeLessThan(5_000);
      }
    }
  });

  it("in StatusMessages of the alpha API", async () => {
    const createToken = () => {
      throw badInput(long, `must not be ${long}`);
    };
    const resolvers = [...alphaNouns.resolvers, { Mutation: { createToken } }];
    const alphaSchema = createAlphaSchema({ ...alphaNouns, resolvers });
    const app = await startTestApp({}, { alphaSchema });
    try {
      const document = `mutation { createToken(identity: "a", password: "b") { success message } }`;
      const { data } = await createAlpha(app.url)(undefined).send(document);
      expect(data.createToken.success).toBe(false);
      expect(data.createToken.message).toMatch(/^xxx.* … .*xxx$/);
      expect(data.createToken.message.length).toBeLessThan(1_100);
    } finally {
      await app.close();
    }
  });

  it("in the Platform API", async () => {
    const { token } = await build.systemAdmin();
    const organization = await db.organization.findFirstOrThrow();
    const workspaces = `${url}/platform/v1beta1/organizations/${organization.id}/workspaces`;
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    for (const [address, body] of [
      [workspaces, { [long]: 1 }],
      [workspaces, { name: [long] }],
      [workspaces, keys(5_000)],
      [workspaces, { name: "a", [long]: "\0" }],
      [`${workspaces}?${"y".repeat(10_000)}=1`, undefined],
      [`${workspaces}?sorts=${"y".repeat(10_000)}`, undefined],
      [`${workspaces}/${"z".repeat(10_000)}`, undefined],
    ] as const) {
      const response = await fetch(address, {
        headers,
        ...(body && { method: "POST", body: JSON.stringify(body) }),
      });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect((await response.text()).length, address.slice(-50)).toBeLessThan(10_000);
    }
  });

  it("keeps what is at fault and why", async () => {
    const { workspace, admin } = await build.workspace();
    const payload = { [long]: "\0" };
    const update =
      "mutation ($id: Uuid!, $payload: JSON!) { updateWorkspace(workspaceUuid: $id, payload: $payload) { id } }";
    const [error] = (await as(admin).send(update, { id: workspace.id, payload })).errors ?? [];
    expect(error?.message).toMatch(/^payload\.xxx.* … .*xxx: must not contain a NUL character$/);
    expect(error?.extensions.argument).toMatch(/^payload\.xxx.* … x+$/);
  });
});

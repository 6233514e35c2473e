import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { url, as, build, db } = await testHouston();

describe("G12: the size of a page", () => {
  it("has a maximum, whatever is asked for", async () => {
    const { token } = await build.systemAdmin();
    const { workspace } = await build.workspace();
    await db.workspace.createMany({ data: Array.from({ length: 110 }, (_, n) => ({ label: `Page ${n}` })) });
    const users = await db.user.createManyAndReturn({
      data: Array.from({ length: 110 }, (_, n) => ({ username: `page-${n}` })),
    });
    await db.roleBinding.createMany({
      data: users.map(({ id }) => ({ userId: id, workspaceId: workspace.id, role: "WORKSPACE_VIEWER" as const })),
    });
    for (const take of [99_999_999, -99_999_999, 2_147_483_647]) {
      const query =
        "query ($id: Uuid!, $take: Int) { paginatedWorkspaceUsers(workspaceUuid: $id, take: $take) { id } }";
      const { data, errors } = await as({ token }).send(query, { id: workspace.id, take });
      expect(errors).toBeUndefined();
      expect(data.paginatedWorkspaceUsers).toHaveLength(101);
      const all = await as({ token }).send("query ($take: Int) { paginatedWorkspaces(take: $take) { id } }", { take });
      expect(all.data.paginatedWorkspaces).toHaveLength(101);
    }
  });

  it.each([
    ["no number", Number.NaN, /must not be 0|Int cannot represent|null/],
    ["a fraction", 1.5, /Int cannot represent non-integer value: 1.5/],
    ["more than 32 bits", 2 ** 31, /Int cannot represent non 32-bit signed integer value/],
    ["infinite", "1e999", /Int cannot represent non-integer value/],
    ["0", 0, /^take: must not be 0$/],
  ])("is rejected by type: %s", async (name, take, message) => {
    const { token } = await build.systemAdmin();
    const { errors } = await as({ token }).send("query ($take: Int) { paginatedWorkspaces(take: $take) { id } }", {
      take: Number.isNaN(take) ? "NaN" : take,
    });
    expect(errors, name).toMatchObject([
      { message: expect.stringMatching(message), extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });

  it("is rejected as a literal that is no number", async () => {
    const { status, errors } = await as(undefined).send("{ paginatedWorkspaces(take: NaN) { id } }");
    expect([status, errors]).toMatchObject([400, [{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }]]);
  });

  it("of a nested list must not be negative", async () => {
    const { workspace, admin } = await build.workspace();
    await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    const query = `query ($id: Uuid!, $first: Int) {
      workspaceServiceAccounts(workspaceUuid: $id) { roleBindings(first: $first) { id } } }`;
    for (let again = 0; again < 2; again += 1) {
      const answer = (first: number) => as(admin).send(query, { id: workspace.id, first });
      expect((await answer(99_999_999)).data.workspaceServiceAccounts[0].roleBindings).toHaveLength(1);
      expect((await answer(-1)).errors).toMatchObject([
        { message: "first: must be a whole number of at least 0", extensions: { code: "BAD_USER_INPUT" } },
      ]);
    }
  });

  it("of the Platform API is a number from 0 to 1,000", async () => {
    const { token } = await build.systemAdmin();
    for (const limit of ["99999999", "-1", "NaN", "1001", "1e9"]) {
      const address = `${url}/platform/v1beta1/organizations?limit=${limit}`;
      const response = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
      expect([limit, response.status]).toEqual([limit, 400]);
      expect(await response.text()).toContain("limit: must be a whole number from 0 to 1000");
    }
  });
});

it("G12: a list of a million items is rejected", async () => {
  const { token } = await build.systemAdmin();
  const query = 'mutation ($ids: [ID]) { createTeam(name: "a", userIds: $ids) { message } }';
  const send = async (count: number) => {
    const body = `{"query":${JSON.stringify(query)},"variables":{"ids":[${"1,".repeat(count - 1)}1]}}`;
    const headers = { "content-type": "application/json", authorization: token };
    const response = await fetch(`${url}/v1`, { method: "POST", headers, body });
    const { errors } = (await response.json()) as { errors: { message: string }[] };
    return [response.status, errors.map(({ message }) => message)];
  };
  expect(await send(1_000_000)).toEqual([413, ["The request body exceeds the limit of 1048576 bytes"]]);
  expect(await send(500_000)).toEqual([400, ["body: must have at most 50000 values"]]);
  expect(await send(40_000)).toEqual([200, ["userIds: must be a list of at most 10,000 IDs"]]);
  // Of a length that is allowed, its items are looked at.
  expect(await send(10_000)).toEqual([200, [expect.stringMatching(/^userIds: /)]]);
  expect((await send(10_000))[1]).not.toEqual([expect.stringContaining("at most")]);
});

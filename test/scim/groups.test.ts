import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";
import { entraUser, scimClient } from "../support/scim.ts";

const houston = await testHouston({
  auth: { openidConnect: { microsoft: { emailDomains: ["example.com"] } } },
});
const { as, build, db } = houston;
const admin = await build.systemAdmin();
const entra = await scimClient(houston);

const newUsers = async (count: number) =>
  Promise.all(Array.from({ length: count }, async () => (await entra.post("/Users", entraUser())).body.id as string));
const values = (ids: readonly string[]) => ids.map((value) => ({ value }));
let names = 0;
const newGroup = async (ids: readonly string[] = []) =>
  (await entra.post("/Groups", { displayName: `Group ${names++}`, members: values(ids) })).body.id as string;
const membersOf = async (teamId: string) =>
  (await db.teamMember.findMany({ where: { teamId }, orderBy: { userId: "asc" } })).map(({ userId }) => userId);
const entriesOf = (entityId: string) => db.auditEntry.findMany({ where: { entityId }, orderBy: { sequence: "asc" } });

/** Users of the provider without accounts of their own to sign in with, made by one statement each. */
async function manyUsers(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `many${names}x${n}`);
  names += 1;
  await db.$executeRaw`INSERT INTO "User" (id, username, status, "updatedAt")
    SELECT id, id, 'active', now() FROM unnest(${ids}::text[]) AS u (id)`;
  await db.$executeRaw`INSERT INTO "ScimUser" (provider, "userId", "userName", "userNameKey", "updatedAt")
    SELECT 'microsoft', id, id, upper(id), now() FROM unnest(${ids}::text[]) AS u (id)`;
  return ids.sort();
}

describe("a SCIM group", () => {
  it("is a team of the provider, whose roles are given in Houston", async () => {
    const [one = ""] = await newUsers(1);
    const id = await newGroup([one]);
    expect(await db.team.findUniqueOrThrow({ where: { id } })).toMatchObject({
      provider: "microsoft",
      externalId: null,
    });
    const { workspace } = await build.workspace();
    await db.roleBinding.create({ data: { teamId: id, role: "WORKSPACE_VIEWER", workspaceId: workspace.id } });
    const token = await build.tokenOf(one);
    const ask = () =>
      as({ token }).send("query ($w: Uuid!) { workspace(workspaceUuid: $w) { id } }", { w: workspace.id });
    expect(outcomeOf(await ask())).toBe("ok");
    await entra.patch(`/Groups/${id}`, { op: "remove", path: `members[value eq "${one}"]` });
    expect(outcomeOf(await ask())).toBe("FORBIDDEN");
  });

  it("is not changed by hand: neither its members nor its name", async () => {
    const [one = ""] = await newUsers(1);
    const id = await newGroup();
    const update = `mutation ($id: ID, $name: String, $add: [ID], $text: String) {
      updateTeam(id: $id, newName: $name, addUserIds: $add, description: $text) { team { id } } }`;
    for (const change of [{ name: "Renamed" }, { add: [one] }]) {
      expect(outcomeOf(await as(admin).send(update, { id, ...change }))).toMatch(/^BAD_USER_INPUT/);
    }
    expect(outcomeOf(await as(admin).send(update, { id, text: "Described" }))).toBe("ok");
    expect(await membersOf(id)).toEqual([]);
  });

  it("has its changes recorded as one entry each, with counts and at most 100 IDs", async () => {
    const ids = await manyUsers(150);
    const id = await newGroup();
    await entra.patch(`/Groups/${id}`, ...ids.map((value) => ({ op: "Add", path: "members", value: [{ value }] })));
    await entra.patch(`/Groups/${id}`, { op: "Remove", path: "members", value: values(ids.slice(0, 3)) });
    const [created, added, removed, ...more] = await entriesOf(id);
    expect(more).toEqual([]);
    expect(created).toMatchObject({ action: "createScimGroup", actor: "scim:microsoft", via: "scim" });
    expect(added).toMatchObject({ action: "updateScimGroup", detail: { addedCount: 150, removedCount: 0 } });
    expect(removed).toMatchObject({ detail: { addedCount: 0, removedCount: 3 } });
    expect(added?.detail).toHaveProperty("added.length", 100);
    expect(removed?.detail).toMatchObject({ removed: expect.arrayContaining(ids.slice(0, 3)) });
  });

  it("changes completely or not at all", async () => {
    const [one = "", two = ""] = await newUsers(2);
    const id = await newGroup([one]);
    const other = (await entra.get(`/Groups/${await newGroup()}`)).body;
    const before = [await membersOf(id), await db.team.findUniqueOrThrow({ where: { id } }), await entriesOf(id)];
    for (const [operations, status, scimType] of [
      [[{ op: "add", path: "members", value: values([two, "unknown"]) }], 400, "invalidValue"],
      [
        [
          { op: "replace", path: "members", value: values([two]) },
          { op: "replace", path: "displayName", value: other.displayName },
        ],
        409,
        "uniqueness",
      ],
      [
        [
          { op: "remove", path: "members" },
          { op: "replace", path: "displayName", value: "" },
        ],
        400,
        "invalidValue",
      ],
      [
        [
          { op: "remove", path: "members" },
          { op: "replace", path: "id", value: "x" },
        ],
        400,
        "mutability",
      ],
      [
        [
          { op: "remove", path: "members" },
          { op: "move", path: "members" },
        ],
        400,
        "invalidSyntax",
      ],
      [
        [
          { op: "remove", path: "members" },
          { op: "replace", path: "nothing", value: 1 },
        ],
        400,
        "invalidPath",
      ],
      [[{ op: "remove", path: "members" }, { op: "remove" }], 400, "noTarget"],
      [[{ op: "remove", path: 'members[display eq "x"]' }], 400, "invalidFilter"],
      [[{ op: "add", path: "members", value: [{ value: two, type: "Group" }] }], 400, "invalidValue"],
      [[], 400, "invalidSyntax"],
    ] as const) {
      const answer = await entra.patch(`/Groups/${id}`, ...operations);
      expect(answer, JSON.stringify(operations)).toMatchObject({ status, body: { status: String(status), scimType } });
    }
    expect([await membersOf(id), await db.team.findUniqueOrThrow({ where: { id } }), await entriesOf(id)]).toEqual(
      before,
    );
  });

  it("keeps its members in a PUT that does not name them", async () => {
    const [one = ""] = await newUsers(1);
    const id = await newGroup([one]);
    expect((await entra.put(`/Groups/${id}`, { displayName: "Put", externalId: "ext" })).body.externalId).toBe("ext");
    expect(await membersOf(id)).toEqual([one]);
    expect((await entra.put(`/Groups/${id}`, { displayName: "Put", members: [] })).body).toMatchObject({ members: [] });
    expect(await membersOf(id)).toEqual([]);
    expect(await db.team.findUniqueOrThrow({ where: { id } })).toMatchObject({ name: "Put", externalId: null });
  });

  it("with a system role takes only people who may hold it, and ends the sessions of whoever leaves", async () => {
    const { workspace } = await build.workspace();
    const [one = "", two = ""] = await newUsers(2);
    const untrusted = (await entra.post("/Users", { userName: "no.address" })).body.id;
    const id = await newGroup([one]);
    await db.roleBinding.create({ data: { teamId: id, role: "SYSTEM_EDITOR" } });
    const refused = await entra.patch(`/Groups/${id}`, { op: "add", path: "members", value: values([two, untrusted]) });
    expect(refused).toMatchObject({ status: 400, body: { detail: expect.stringContaining("no.address") } });
    expect(await membersOf(id)).toEqual([one]);
    expect((await entra.patch(`/Groups/${id}`, { op: "add", path: "members", value: values([two]) })).status).toBe(204);
    const tokens = { one: await build.tokenOf(one), two: await build.tokenOf(two) };
    const ask = async (token: string) =>
      outcomeOf(
        await as({ token }).send("query ($w: Uuid!) { workspace(workspaceUuid: $w) { id } }", { w: workspace.id }),
      );
    expect([await ask(tokens.one), await ask(tokens.two)]).toEqual(["ok", "ok"]);
    await entra.patch(`/Groups/${id}`, { op: "remove", path: `members[value eq "${one}"]` });
    expect([await ask(tokens.one), await ask(tokens.two)]).toEqual(["UNAUTHENTICATED", "ok"]);
    expect((await entra.delete(`/Groups/${id}`)).status).toBe(204);
    expect(await ask(tokens.two)).toBe("UNAUTHENTICATED");
  });

  it("takes 20,000 members in one PUT, and refuses clearly what is too large", async () => {
    const ids = await manyUsers(20_000);
    const id = await newGroup();
    const members = ids.map((value) => ({
      value,
      display: `${value}@example.com`,
      $ref: `${entra.base}/Users/${value}`,
    }));
    const put = await entra.put(`/Groups/${id}?excludedAttributes=members`, { displayName: "Large", members });
    expect(put).toMatchObject({ status: 200, body: { displayName: "Large" } });
    expect(await membersOf(id)).toEqual(ids);
    expect((await entra.get(`/Groups/${id}`)).body.members).toHaveLength(20_000);
    const large = await entra.post("/Groups", { displayName: "x".repeat(8 * 1024 * 1024), members: [] });
    expect(large).toMatchObject({ status: 413, body: { status: "413", detail: expect.stringContaining("8388608") } });
    const many = { displayName: "Many", members: values(Array.from({ length: 50_001 }, (_, n) => String(n))) };
    expect(await entra.post("/Groups", many)).toMatchObject({ status: 400, body: { scimType: "tooMany" } });
  }, 60_000);

  it("ends a page early whose groups have very many members", async () => {
    const ids = await manyUsers(30_000);
    const groups = [await newGroup(), await newGroup(), await newGroup()].sort();
    for (const id of groups) {
      await db.$executeRaw`INSERT INTO "TeamMember" ("teamId", "userId") SELECT ${id}, u FROM unnest(${ids}::text[]) AS u`;
    }
    const filter = encodeURIComponent(groups.map((id) => `id eq "${id}"`).join(" or "));
    const seen: string[] = [];
    while (seen.length < 3) {
      const { body } = await entra.get(`/Groups?filter=${filter}&startIndex=${seen.length + 1}`);
      expect(body).toMatchObject({ totalResults: 3, itemsPerPage: 1 });
      seen.push(...body.Resources.map(({ id }: { id: string }) => id));
    }
    expect(seen).toEqual(groups);
    const small = await entra.get(`/Groups?filter=${filter}&excludedAttributes=members`);
    expect(small.body).toMatchObject({ totalResults: 3, itemsPerPage: 3 });
  }, 60_000);
});

describe("changes of one group at the same time", () => {
  it("all count", async () => {
    const ids = await manyUsers(40);
    const id = await newGroup(ids.slice(0, 20));
    await Promise.all([
      ...ids.slice(20).map((value) => entra.patch(`/Groups/${id}`, { op: "add", path: "members", value: [{ value }] })),
      ...ids
        .slice(0, 20)
        .map((value) => entra.patch(`/Groups/${id}`, { op: "remove", path: `members[value eq "${value}"]` })),
    ]);
    expect(await membersOf(id)).toEqual(ids.slice(20));
  });
});

import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { entraUser, scimClient } from "../support/scim.ts";

const houston = await testHouston();
const { build, db } = houston;
await build.user();
const entra = await scimClient(houston);

const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group";

const create = async (given: object = {}) => (await entra.post("/Users", entraUser(given))).body;
const createGroup = async () => {
  const given = { schemas: [GROUP], externalId: randomUUID(), displayName: `Group ${randomUUID().slice(0, 8)}` };
  return (await entra.post("/Groups", { ...given, meta: { resourceType: "Group" } })).body;
};
const memberIds = async (groupId: string) =>
  (await db.teamMember.findMany({ where: { teamId: groupId }, orderBy: { userId: "asc" } })).map(
    ({ userId }) => userId,
  );

describe("the requests in the documents of Entra", () => {
  it("test the connection with a user that does not exist", async () => {
    const { status, body } = await entra.get(`/Users?filter=userName+eq+"${randomUUID()}"`);
    expect(status).toBe(200);
    expect(body).toEqual({
      ...{ schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], totalResults: 0 },
      ...{ startIndex: 1, itemsPerPage: 0, Resources: [] },
    });
  });

  it("create, find, change and delete a user", async () => {
    const given = entraUser();
    const { status, headers, body } = await entra.post("/Users", given);
    expect(status).toBe(201);
    expect(headers.get("content-type")).toMatch(/^application\/scim\+json/);
    expect(headers.get("location")).toBe(body.meta.location);
    const { roles: _, meta: _meta, schemas: _schemas, ...attributes } = given;
    expect(body).toMatchObject({ ...attributes, meta: { resourceType: "User" } });
    expect(JSON.stringify(body)).not.toContain("null");
    for (const filter of [
      `userName eq "${given.userName}"`,
      `externalId eq "${given.externalId}"`,
      `emails[type eq "work"].value eq "${given.userName}"`,
      `id eq "${body.id}" and active eq true`,
    ]) {
      expect(await entra.find("/Users", filter), filter).toMatchObject([{ id: body.id }]);
    }
    const path = `/Users/${body.id}`;
    const changed = await entra.patch(
      path,
      { op: "Replace", path: 'emails[type eq "work"].value', value: `updated-${given.userName}` },
      { op: "Replace", path: "name.familyName", value: "updatedFamilyName" },
    );
    expect(changed).toMatchObject({
      status: 200,
      body: {
        emails: [{ type: "work", value: `updated-${given.userName}`, primary: true }],
        name: { formatted: "Given Family", familyName: "updatedFamilyName", givenName: "Given" },
      },
    });
    const userName = `${randomUUID()}@testuser.com`;
    expect(await entra.patch(path, { op: "Replace", path: "userName", value: userName })).toMatchObject({
      status: 200,
      body: { userName },
    });
    // The old name is free again.
    expect((await entra.post("/Users", { ...given, emails: [] })).status).toBe(201);
    expect((await entra.delete(path)).status).toBe(204);
    expect((await entra.get(path)).status).toBe(404);
    expect(await db.user.count({ where: { id: body.id } })).toBe(0);
  });

  it("disable a user, who is still found", async () => {
    const { id, userName } = await create();
    for (const [value, active] of [
      [false, false],
      ["True", true],
      ["False", false],
    ] as const) {
      const disabled = await entra.patch(`/Users/${id}`, { op: "Replace", path: "active", value });
      expect(disabled).toMatchObject({ status: 200, body: { active } });
    }
    expect((await entra.get(`/Users/${id}`)).body).toMatchObject({ active: false, meta: { resourceType: "User" } });
    expect(await entra.find("/Users", `userName eq "${userName}"`)).toMatchObject([{ id, active: false }]);
  });

  it("change attributes one by one, creating what is missing", async () => {
    const { id } = await create({ emails: undefined });
    const { status, body } = await entra.patch(
      `/Users/${id}`,
      { op: "Add", path: "displayName", value: "Display" },
      { op: "Replace", path: 'emails[type eq "work"].value', value: "created@example.com" },
      { op: "Add", path: 'phoneNumbers[type eq "mobile"].value', value: "+1 555 0100" },
      { op: "Replace", path: 'addresses[type eq "work"].formatted', value: "1 Street" },
      { op: "Add", path: 'roles[primary eq "True"].value', value: "admin" },
      { op: "Add", path: `${ENTERPRISE}:department`, value: "Tour Operations" },
      { op: "Add", path: `${ENTERPRISE}:manager`, value: "26118915-6090-4610-87e4-49d8ca9f808d" },
      { op: "Replace", path: "USERNAME", value: "upper@example.com" },
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ displayName: "Display", userName: "upper@example.com" },
      emails: [{ type: "work", value: "created@example.com" }],
      phoneNumbers: [{ type: "mobile", value: "+1 555 0100" }],
      addresses: [{ type: "work", formatted: "1 Street" }],
      roles: [{ primary: true, value: "admin" }],
      [ENTERPRISE]: { department: "Tour Operations", manager: { value: "26118915-6090-4610-87e4-49d8ca9f808d" } },
    });
    expect(body).not.toHaveProperty("USERNAME");
    expect(body.schemas).toContain(ENTERPRISE);
    const removed = await entra.patch(
      `/Users/${id}`,
      { op: "Remove", path: `${ENTERPRISE}:manager` },
      { op: "Remove", path: 'phoneNumbers[type eq "mobile"].value' },
      { op: "Remove", path: 'addresses[type eq "work"]' },
    );
    expect(removed.body[ENTERPRISE]).toEqual({ department: "Tour Operations" });
    expect(removed.body).not.toHaveProperty("addresses");
    expect(removed.body.phoneNumbers).toEqual([{ type: "mobile" }]);
  });

  it("change attributes as with the flag aadOptscim062020", async () => {
    const { id } = await create();
    const { status, body } = await entra.patch(
      `/Users/${id}`,
      {
        op: "replace",
        value: {
          displayName: "Bjfe",
          "name.givenName": "Kjfe",
          "name.familyName": "Ljfe",
          [`${ENTERPRISE}:employeeNumber`]: "8",
          [`${ENTERPRISE}:manager`]: { value: "boss" },
          'emails[type eq "other"].value': "other@example.com",
          active: false,
          nonsense: true,
        },
      },
      { op: "add", value: { [ENTERPRISE]: { department: "Sales" }, nickName: "Babs" } },
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ displayName: "Bjfe", nickName: "Babs", active: false },
      name: { formatted: "Given Family", givenName: "Kjfe", familyName: "Ljfe" },
      emails: [{ type: "work" }, { type: "other", value: "other@example.com" }],
      [ENTERPRISE]: { employeeNumber: "8", department: "Sales", manager: { value: "boss" } },
    });
    expect(body).not.toHaveProperty("nonsense");
  });

  it("create, find, rename and delete a group, without its members in any answer", async () => {
    const group = await createGroup();
    const path = `/Groups/${group.id}`;
    const { body } = await entra.get(`${path}?excludedAttributes=members`);
    expect(body).toMatchObject({ id: group.id, displayName: group.displayName, meta: { resourceType: "Group" } });
    expect(body).not.toHaveProperty("members");
    const filter = encodeURIComponent(`displayName eq "${group.displayName.toUpperCase()}"`);
    const found = await entra.get(`/Groups?excludedAttributes=members&filter=${filter}`);
    expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ id: group.id }] });
    expect(found.body.Resources[0]).not.toHaveProperty("members");
    const renamed = await entra.patch(path, { op: "Replace", path: "displayName", value: "updatedDisplayName" });
    expect(renamed).toMatchObject({ status: 204, body: undefined });
    expect((await entra.get(path)).body.displayName).toBe("updatedDisplayName");
    expect((await entra.delete(path)).status).toBe(204);
  });

  it("add and remove members, in the old and the new form, and ask for one", async () => {
    const { id } = await createGroup();
    const [one, two, three] = [await create(), await create(), await create()];
    const path = `/Groups/${id}`;
    const value = [one, two].map((user) => ({ $ref: null, value: user.id }));
    expect((await entra.patch(path, { op: "Add", path: "members", value })).status).toBe(204);
    expect(await memberIds(id)).toEqual([one.id, two.id].sort());
    const probe = (user: { id: string }) => entra.find("/Groups", `id eq "${id}" and members eq "${user.id}"`);
    expect([await probe(one), await probe(three)]).toMatchObject([[{ id }], []]);
    // Does not empty the group.
    const legacy = { op: "Remove", path: "members", value: [{ $ref: null, value: one.id }] };
    expect((await entra.patch(path, legacy)).status).toBe(204);
    expect(await memberIds(id)).toEqual([two.id]);
    const added = { op: "add", path: "members", value: [{ value: three.id }] };
    expect((await entra.patch(path, added, { op: "remove", path: `members[value eq "${two.id}"]` })).status).toBe(204);
    expect(await memberIds(id)).toEqual([three.id]);
    // Nobody who is not a member is removed, and nobody is removed by an empty list.
    expect((await entra.patch(path, legacy)).status).toBe(204);
    expect((await entra.patch(path, { op: "Remove", path: "members", value: [] })).status).toBe(204);
    expect(await memberIds(id)).toEqual([three.id]);
    expect((await entra.patch(path, { op: "Remove", path: "members" })).status).toBe(204);
    expect(await memberIds(id)).toEqual([]);
  });

  it("find duplicates by 409, whatever the case", async () => {
    const given = entraUser();
    await entra.post("/Users", given);
    const again = await entra.post("/Users", { ...given, userName: given.userName.toUpperCase() });
    expect(again).toMatchObject({ status: 409, body: { status: "409", scimType: "uniqueness" } });
    const group = await createGroup();
    const twice = await entra.post("/Groups", { displayName: group.displayName });
    expect(twice).toMatchObject({ status: 409, body: { status: "409", scimType: "uniqueness" } });
  });

  it("read the schemas, of which each attribute says what it is", async () => {
    const { status, body } = await entra.get("/Schemas");
    expect(status).toBe(200);
    expect(body.Resources.map(({ id }: { id: string }) => id)).toEqual([
      ...["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE, GROUP],
    ]);
    const userName = body.Resources[0].attributes.find(({ name }: { name: string }) => name === "userName");
    expect(userName).toMatchObject({ type: "string", required: true, caseExact: false, uniqueness: "server" });
    expect((await entra.get(`/Schemas/${ENTERPRISE}`)).body.name).toBe("EnterpriseUser");
    expect((await entra.get("/ResourceTypes")).body).toMatchObject({ totalResults: 2 });
    expect((await entra.get("/ServiceProviderConfig")).body).toMatchObject({
      ...{ patch: { supported: true }, bulk: { supported: false }, filter: { supported: true, maxResults: 1_000 } },
      sort: { supported: false },
    });
  });
});

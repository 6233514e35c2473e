import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { scimClient } from "../support/scim.ts";

const CODE = "okta-authentication-code";
const houston = await testHouston({ auth: { openidConnect: { okta: { scimAuthCode: CODE } } } });
const { build, db } = houston;
await build.user();
const basic = (code: string) => `Basic ${Buffer.from(`okta:${code}`).toString("base64")}`;
const okta = await scimClient(houston, { provider: "okta", authorization: basic(CODE) });

const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group";
const LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";

/** As Okta's specification test creates one. */
const randomUser = () => {
  const name = `Runscope${randomUUID()}`;
  return {
    schemas: [USER],
    userName: `${name}@atko.com`,
    name: { givenName: name, familyName: `Family${name}` },
    emails: [{ primary: true, value: `${name}@atko.com`, type: "work" }],
    displayName: `${name} Family`,
    active: true,
  };
};

/** As Okta's client creates one. */
const clientUser = (given: object = {}) => ({
  ...randomUser(),
  ...{ externalId: `00u${randomUUID()}`, locale: "en-US", groups: [], password: "1mz050nq" },
  ...given,
});

const json = { "content-type": "application/json" };

describe("the Okta SCIM 2.0 specification test", () => {
  it("passes", async () => {
    const given = randomUser();
    await okta.post("/Users", randomUser());

    const first = await okta.get("/Users?count=1&startIndex=1");
    expect(first).toMatchObject({
      status: 200,
      body: {
        ...{ schemas: [LIST], itemsPerPage: 1, startIndex: 1, totalResults: expect.any(Number) },
        Resources: [
          {
            ...{ id: expect.any(String), userName: expect.any(String), active: expect.any(Boolean) },
            name: { familyName: expect.any(String), givenName: expect.any(String) },
            emails: [{ value: expect.any(String) }],
          },
        ],
      },
    });
    expect(await okta.get(`/Users/${first.body.Resources[0].id}`)).toMatchObject({
      status: 200,
      body: first.body.Resources[0],
    });
    const unknown = await okta.get(`/Users?filter=userName eq "abcdefgh@atko.com"`);
    expect(unknown).toMatchObject({ status: 200, body: { schemas: [LIST], totalResults: 0 } });
    expect(await okta.get("/Users/010101001010101011001010101011")).toMatchObject({
      status: 404,
      body: { schemas: [ERROR], detail: expect.stringMatching(/./) },
    });
    expect(await okta.get(`/Users?filter=userName eq "${given.userName}"`)).toMatchObject({
      status: 200,
      body: { schemas: [LIST], totalResults: 0 },
    });

    const created = await okta.send("POST", "/Users", given, json);
    const { id } = created.body;
    const expected = {
      id,
      active: true,
      name: given.name,
      schemas: expect.arrayContaining([USER]),
      userName: given.userName,
    };
    expect(created).toMatchObject({ status: 201, body: expected });
    expect(await okta.get(`/Users/${id}`)).toMatchObject({ status: 200, body: expected });
    const again = { status: 409, body: { detail: "userName: the provider already has this user" } };
    expect(await okta.send("POST", "/Users", given, json)).toMatchObject(again);
    const upper = await okta.get(`/Users?filter=userName eq "${given.userName.toUpperCase()}"`);
    expect(upper).toMatchObject({ status: 200, body: { totalResults: 1, Resources: [{ id }] } });

    expect(await okta.get("/Groups")).toMatchObject({ status: 200, body: { schemas: [LIST] } });
    const stranger = await scimClient(houston, { provider: "okta", authorization: basic("wrong") });
    expect(await stranger.get("/Users")).toMatchObject({
      status: 401,
      body: { schemas: [ERROR], status: "401", detail: expect.stringMatching(/./) },
    });
    expect(await okta.get("/Users/00919288221112222")).toMatchObject({
      status: 404,
      body: { schemas: [ERROR], status: "404", detail: expect.stringMatching(/./) },
    });
  });
});

describe("the client of Okta", () => {
  it("creates users with a password and groups, which are ignored", async () => {
    const { status, body } = await okta.post("/Users", clientUser());
    expect(status).toBe(201);
    expect(body).not.toHaveProperty("password");
    expect(body).not.toHaveProperty("groups");
    expect(JSON.stringify(body)).not.toContain("null");
    expect(await db.localCredential.count({ where: { userId: body.id } })).toBe(0);
    expect((await db.scimUser.findFirstOrThrow({ where: { userId: body.id } })).attributes).not.toHaveProperty(
      "password",
    );
  });

  it("updates, deactivates and reactivates by PUT of the whole object", async () => {
    const given = clientUser();
    const { body } = await okta.post("/Users", given);
    const changed = { ...given, id: body.id, name: { ...given.name, familyName: "Changed" }, displayName: "New Name" };
    const put = await okta.put(`/Users/${body.id}`, changed);
    expect(put).toMatchObject({ status: 200, body: { id: body.id, name: { familyName: "Changed" }, active: true } });
    expect(await db.user.findUniqueOrThrow({ where: { id: body.id } })).toMatchObject({ fullName: "New Name" });
    expect((await okta.put(`/Users/${body.id}`, { ...changed, active: false })).body.active).toBe(false);
    // Without `active`, nobody is reactivated.
    const { active: _, ...rest } = changed;
    expect((await okta.put(`/Users/${body.id}`, rest)).body.active).toBe(false);
    expect((await okta.put(`/Users/${body.id}`, changed)).body.active).toBe(true);
  });

  it("deactivates by PATCH without a path", async () => {
    const { body } = await okta.post("/Users", clientUser());
    const patched = await okta.patch(`/Users/${body.id}`, { op: "replace", value: { active: false } });
    expect(patched).toMatchObject({ status: 200, body: { active: false } });
    const { active: _, meta: _meta, ...before } = body;
    expect(patched.body).toMatchObject(before);
  });

  it("pushes a group, renames it with every change of members, and unlinks it", async () => {
    const users = [];
    for (let n = 0; n < 3; n += 1) users.push((await okta.post("/Users", clientUser())).body);
    const [one, two, three] = users.map(({ id, userName }) => ({ value: id, display: userName }));
    const name = `Test SCIMv2 ${randomUUID().slice(0, 8)}`;
    const { status, body } = await okta.post("/Groups", { schemas: [GROUP], displayName: name, members: [] });
    expect(status).toBe(201);
    const path = `/Groups/${body.id}`;
    const members = async () => (await okta.get(path)).body.members.map(({ value }: { value: string }) => value).sort();
    const renamed = { op: "replace", value: { id: body.id, displayName: `${name} 2` } };

    expect((await okta.patch(path, renamed, { op: "add", path: "members", value: [one, two] })).status).toBe(204);
    expect(await okta.get(path)).toMatchObject({ body: { id: body.id, displayName: `${name} 2` } });
    expect(await members()).toEqual([one?.value, two?.value].sort());

    const swap = [
      { op: "remove", path: `members[value eq "${one?.value}"]` },
      { op: "add", path: "members", value: [three] },
    ];
    expect((await okta.patch(path, ...swap)).status).toBe(204);
    expect(await members()).toEqual([two?.value, three?.value].sort());

    expect((await okta.patch(path, { op: "replace", path: "members", value: [one] })).status).toBe(204);
    expect(await members()).toEqual([one?.value]);

    const whole = { schemas: [GROUP], id: body.id, displayName: name, members: [two, three] };
    expect(await okta.put(path, whole)).toMatchObject({ status: 200, body: { displayName: name } });
    expect(await members()).toEqual([two?.value, three?.value].sort());

    expect((await okta.delete(path)).status).toBe(204);
    expect((await okta.get(path)).status).toBe(404);
    expect(await db.team.count({ where: { id: body.id } })).toBe(0);
    expect(await db.user.count({ where: { id: { in: users.map(({ id }) => id) } } })).toBe(3);
  });

  it("reads pages of whole numbers in a stable order", async () => {
    const ids = new Set<string>();
    const { body } = await okta.get("/Users?startIndex=1&count=100");
    for (let start = 1; start <= body.totalResults; start += 2) {
      const page = await okta.get(`/Users?startIndex=${start}&count=2`);
      expect(page.body).toMatchObject({ startIndex: start, totalResults: body.totalResults });
      for (const { id } of page.body.Resources) ids.add(id);
    }
    expect([...ids]).toEqual(body.Resources.map(({ id }: { id: string }) => id));
  });

  it("is admitted with the code in every form that people configure", async () => {
    const encoded = Buffer.from(`user:${CODE}`).toString("base64");
    for (const authorization of [basic(CODE), `Bearer ${CODE}`, `bearer ${encoded}`, `Basic ${CODE}`, CODE]) {
      const client = await scimClient(houston, { provider: "okta", authorization });
      expect((await client.get("/Users?count=0")).status, authorization).toBe(200);
    }
  });
});

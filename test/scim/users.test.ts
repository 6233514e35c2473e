import pg from "pg";
import { describe, expect, it } from "vitest";
import { hashOf } from "../../src/platform/secrets/tokens.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";
import { entraUser, scimClient } from "../support/scim.ts";
import { closingSockets, ofType, openAs, operationsOn, SUBSCRIBE } from "../support/sockets.ts";
import { waitForLock } from "../support/waitForLock.ts";

const houston = await testHouston({
  subscriptions: { recheckInterval: 3_600_000 },
  auth: { openidConnect: { microsoft: { emailDomains: ["trusted.example"] } } },
});
const { as, build, db, url, app } = houston;
await build.systemAdmin();
const entra = await scimClient(houston);
const okta = await scimClient(houston, { provider: "okta" });
const closing = closingSockets();

const userOf = (id: string) => db.user.findUniqueOrThrow({ where: { id }, include: { emails: true } });
const withAddress = (address: string, given: object = {}) =>
  entraUser({ userName: address, emails: [{ type: "work", primary: true, value: address }], ...given });
const deactivate = { op: "replace", path: "active", value: false };
const SIGN_IN = "mutation ($i: String!, $p: String!) { createToken(identity: $i, password: $p) { token { value } } }";
const SELF = "{ self { user { id } } }";

/** A person who signed up, with their password. */
async function signedUp(address: string) {
  const password = "a long enough password";
  const user = await build.user({ email: address });
  const { hash } = await import("bcrypt");
  await db.localCredential.create({ data: { userId: user.id, passwordHash: await hash(password, 10) } });
  const signIn = async () => outcomeOf(await as(undefined).send(SIGN_IN, { i: address, p: password }));
  return { ...user, signIn };
}

describe("a SCIM user", () => {
  it("is an active user with a verified address, without a password and a role", async () => {
    const { body } = await entra.post("/Users", entraUser({ displayName: "Shown Name" }));
    const user = await userOf(body.id);
    expect(user).toMatchObject({
      ...{ status: "active", fullName: "Shown Name", username: body.userName },
      emails: [{ address: body.userName, primary: true, verified: true, proven: false }],
    });
    expect(await db.localCredential.count({ where: { userId: body.id } })).toBe(0);
    expect(await db.roleBinding.count({ where: { userId: body.id } })).toBe(0);
    const [entry] = await db.auditEntry.findMany({ where: { entityId: body.id } });
    const token = await db.scimToken.findUniqueOrThrow({ where: { tokenHash: hashOf(entra.token) } });
    expect(entry).toMatchObject({
      ...{ action: "createScimUser", actor: "scim:microsoft", via: "scim", address: "127.0.0.1" },
      detail: { provider: "microsoft", tokenId: token.id, userName: body.userName },
    });
  });

  it("may have a userName that is no address, and no address", async () => {
    const { status, body } = await entra.post("/Users", { userName: "Bob.Jensen" });
    expect(status).toBe(201);
    expect(await userOf(body.id)).toMatchObject({ username: "Bob.Jensen", emails: [] });
    const { data } = await as(await build.systemAdmin()).send("{ users { id username emails { address } } }");
    expect(data.users).toContainEqual({ id: body.id, username: "Bob.Jensen", emails: [] });
  });

  it.each([
    ["no userName", {}, "invalidValue"],
    ["an empty userName", { userName: " " }, "invalidValue"],
    ["a userName of another type", { userName: { a: 1 } }, "invalidValue"],
    ["an @ that is no address", { userName: "a@b@c" }, "invalidValue"],
    ["active that is neither", { userName: "x", active: "maybe" }, "invalidValue"],
    [
      "two primary addresses",
      { userName: "x", emails: [1, 2].map((n) => ({ value: `${n}@a.de`, primary: true })) },
      "invalidValue",
    ],
    ["a name that is a list", { userName: "x", name: [{ givenName: "a" }, { givenName: "b" }] }, "invalidValue"],
    [
      "too many addresses",
      { userName: "x", emails: Array.from({ length: 101 }, () => ({ value: "a@a.de" })) },
      "invalidValue",
    ],
    ["NUL", { userName: "x\0y" }, "invalidValue"],
    ["half a surrogate pair", { userName: "x", title: "\ud800" }, "invalidValue"],
    ["a list", [], "invalidSyntax"],
    ["text", '"x"', "invalidSyntax"],
    ["half of an object", "{", "invalidSyntax"],
  ])("is not created from %s", async (_, body, scimType) => {
    const count = await db.user.count();
    const answer = await entra.post("/Users", body);
    expect(answer).toMatchObject({ status: 400, body: { status: "400", scimType } });
    expect(answer.headers.get("content-type")).toMatch(/^application\/scim\+json/);
    expect(await db.user.count()).toBe(count);
  });

  it("changes name, username and address of the account", async () => {
    const { body } = await entra.post("/Users", entraUser());
    await db.roleBinding.create({ data: { userId: body.id, role: "USER", namedAddress: body.userName } });
    const address = `new-${body.userName}`;
    await entra.patch(
      `/Users/${body.id}`,
      { op: "replace", path: "displayName", value: "New Name" },
      { op: "replace", path: 'emails[type eq "work"].value', value: address },
    );
    expect(await userOf(body.id)).toMatchObject({
      ...{ fullName: "New Name", username: address },
      emails: [{ address, primary: true, verified: true }],
    });
    expect(await db.roleBinding.findFirst({ where: { userId: body.id } })).toMatchObject({ namedAddress: address });
  });

  it("cannot take an address or a name that somebody has, and then changes nothing", async () => {
    const other = await build.user();
    const { body } = await entra.post("/Users", entraUser());
    const before = await db.scimUser.findFirst({ where: { userId: body.id } });
    for (const operations of [
      [{ op: "replace", path: 'emails[type eq "work"].value', value: other.email.toUpperCase() }],
      [
        { op: "replace", path: "title", value: "Changed" },
        { op: "replace", path: "emails", value: [{ value: other.email }] },
      ],
    ]) {
      const answer = await entra.patch(`/Users/${body.id}`, ...operations);
      expect(answer).toMatchObject({ status: 409, body: { scimType: "uniqueness" } });
    }
    expect(await db.scimUser.findFirst({ where: { userId: body.id } })).toEqual(before);
  });

  it("does not change, and leaves no entry, when nothing differs", async () => {
    const { body } = await entra.post("/Users", entraUser());
    const again = await entra.patch(`/Users/${body.id}`, { op: "Replace", path: "active", value: "True" });
    expect(again.body).toEqual(body);
    expect(await db.auditEntry.count({ where: { entityId: body.id } })).toBe(1);
  });

  it("is not created before the first System Admin has signed up", async () => {
    const empty = await testHouston();
    const client = await scimClient(empty);
    expect((await client.post("/Users", entraUser())).status).toBe(403);
    expect(await empty.db.user.count()).toBe(0);
  });

  it.each(["created", "changed", "removed"])("is not %s if that cannot be recorded", async (what) => {
    const { body } = await entra.post("/Users", entraUser());
    const state = async () => JSON.stringify([await db.user.findMany(), await db.scimUser.findMany()]);
    const before = await state();
    await db.$executeRaw`ALTER TABLE "AuditEntry" ADD CONSTRAINT broken CHECK (via <> 'scim') NOT VALID`;
    try {
      const path = `/Users/${body.id}`;
      const answer =
        what === "created"
          ? await entra.post("/Users", entraUser())
          : await (what === "changed" ? entra.patch(path, deactivate) : entra.delete(path));
      expect(answer).toMatchObject({ status: 500, body: { status: "500" } });
    } finally {
      await db.$executeRaw`ALTER TABLE "AuditEntry" DROP CONSTRAINT broken`;
    }
    expect(await state()).toBe(before);
  });
});

describe("an account that has the address already", () => {
  it("is not taken over, unless the provider is trusted for its domain", async () => {
    const { id, email } = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
    const answer = await entra.post("/Users", withAddress(email));
    expect(answer).toMatchObject({ status: 409, body: { scimType: "uniqueness" } });
    expect(await db.scimUser.count({ where: { userId: id } })).toBe(0);
    const named = await build.user({ username: "plain.name", usernameKey: "PLAIN.NAME" });
    expect((await entra.post("/Users", { userName: "PLAIN.name" })).status).toBe(409);
    expect(await db.scimUser.count({ where: { userId: named.id } })).toBe(0);
    // The domain is one of microsoft's.
    const trusted = await build.user({ email: "one@trusted.example" });
    expect((await okta.post("/Users", withAddress(trusted.email))).status).toBe(409);
  });

  it("is linked with its roles and its way to sign in where the provider is trusted", async () => {
    const person = await signedUp("two@trusted.example");
    await db.roleBinding.create({ data: { userId: person.id, role: "SYSTEM_VIEWER" } });
    const { status, body } = await entra.post(
      "/Users",
      withAddress("Two@Trusted.Example", { displayName: "From Entra" }),
    );
    expect([status, body.id]).toEqual([201, person.id]);
    expect(await userOf(person.id)).toMatchObject({ username: person.username, fullName: "From Entra" });
    expect(await db.roleBinding.count({ where: { userId: person.id } })).toBe(1);
    expect(await person.signIn()).toBe("ok");
  });

  it("loses the password that somebody chose who had not proven the address", async () => {
    const squatter = await signedUp("three@trusted.example");
    await db.email.updateMany({ where: { userId: squatter.id }, data: { proven: false } });
    expect((await entra.post("/Users", withAddress(squatter.email))).body.id).toBe(squatter.id);
    expect(await squatter.signIn()).toBe("UNAUTHENTICATED");
    expect(outcomeOf(await as(squatter).send(SELF))).toBe("UNAUTHENTICATED");
    expect(await userOf(squatter.id)).toMatchObject({ emails: [{ verified: true, proven: true }] });
  });

  it("loses the accounts at other providers that somebody signed in with who had not proven the address", async () => {
    const squatter = await signedUp("five@trusted.example");
    await db.email.updateMany({ where: { userId: squatter.id }, data: { proven: false } });
    for (const provider of ["github", "microsoft"]) {
      await db.identity.create({
        data: { userId: squatter.id, provider, issuer: `https://${provider}.example`, subject: "five" },
      });
    }
    expect((await entra.post("/Users", withAddress(squatter.email))).body.id).toBe(squatter.id);
    const left = await db.identity.findMany({ where: { userId: squatter.id }, select: { provider: true } });
    expect(left).toEqual([{ provider: "microsoft" }]);
  });

  it("keeps an address that its owner proved, unless the provider speaks for its domain", async () => {
    const { body } = await okta.post("/Users", withAddress("owner@elsewhere.example"));
    await db.email.updateMany({ where: { userId: body.id }, data: { proven: true } });
    const change = { op: "replace", path: "userName", value: "directory@evil.example" };
    const emails = { op: "remove", path: "emails" };
    const answer = await okta.patch(`/Users/${body.id}`, emails, change);
    expect(answer).toMatchObject({ status: 409, body: { scimType: "mutability" } });
    expect(await userOf(body.id)).toMatchObject({ emails: [{ address: "owner@elsewhere.example" }] });
    const trusted = (await entra.post("/Users", withAddress("six@trusted.example"))).body;
    expect((await entra.patch(`/Users/${trusted.id}`, emails, change)).status).toBe(200);
  });

  it("gets what invitations of a proven address give, when it is new", async () => {
    const { workspace, admin } = await build.workspace();
    const invite = `mutation ($w: Uuid!, $e: String!) { workspaceAddUser(workspaceUuid: $w, email: $e, role: WORKSPACE_VIEWER) { id } }`;
    for (const email of ["invited@trusted.example", "invited@example.com"]) {
      expect(outcomeOf(await as(admin).send(invite, { w: workspace.id, e: email }))).toBe("ok");
    }
    const trusted = (await entra.post("/Users", withAddress("invited@trusted.example"))).body;
    const other = (await entra.post("/Users", withAddress("invited@example.com"))).body;
    const roles = (userId: string) => db.roleBinding.count({ where: { userId, workspaceId: workspace.id } });
    expect([await roles(trusted.id), await roles(other.id)]).toEqual([1, 0]);
  });
});

describe("active: false", () => {
  it("M7: ends sessions at once, and subscriptions", async () => {
    const { deployment } = await build.deployment();
    const { body } = await entra.post("/Users", entraUser());
    await db.roleBinding.create({ data: { userId: body.id, role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id } });
    const token = await build.tokenOf(body.id);
    expect(outcomeOf(await as({ token }).send(SELF))).toBe("ok");
    const socket = await closing(openAs(url, "graphql-ws", token));
    operationsOn(socket).start("1", SUBSCRIBE, { release: deployment.releaseName });
    await socket.next(ofType("data"));
    expect((await entra.patch(`/Users/${body.id}`, deactivate)).status).toBe(200);
    expect(outcomeOf(await as({ token }).send(SELF))).toBe("UNAUTHENTICATED");
    const { payload } = await socket.next(ofType("error"));
    expect((Array.isArray(payload) ? payload[0] : payload).extensions.code).toBe("UNAUTHENTICATED");
    expect(await db.session.count({ where: { userId: body.id } })).toBe(0);
  });

  it("keeps the person out, whatever the way, until they are active again", async () => {
    const person = await signedUp("four@trusted.example");
    await entra.post("/Users", withAddress(person.email));
    const path = `/Users/${person.id}`;
    expect(await person.signIn()).toBe("ok");
    await entra.patch(path, deactivate);
    expect(await person.signIn()).toBe("FORBIDDEN");
    const resetTokenHash = hashOf("reset-token");
    const resetTokenExpiresAt = new Date(Date.now() + 60_000);
    await db.localCredential.update({ where: { userId: person.id }, data: { resetTokenHash, resetTokenExpiresAt } });
    const reset = `mutation { resetPassword(token: "reset-token", password: "another long password") { token { value } } }`;
    expect(outcomeOf(await as(undefined).send(reset))).toBe("FORBIDDEN");
    expect(await db.session.count({ where: { userId: person.id } })).toBe(0);
    await entra.patch(path, { op: "replace", value: { active: true } });
    expect(await person.signIn()).toBe("ok");
  });

  it("is seen by a sign-in that began before it was committed", async () => {
    const person = await signedUp("seven@trusted.example");
    await entra.post("/Users", withAddress(person.email));
    const client = new pg.Client({ connectionString: app.services.config.database.url ?? "" });
    const watching = new pg.Client({ connectionString: app.services.config.database.url ?? "" });
    await Promise.all([client.connect(), watching.connect()]);
    try {
      await client.query("BEGIN");
      await client.query(`SELECT id FROM "User" WHERE id = $1 FOR NO KEY UPDATE`, [person.id]);
      await client.query(`UPDATE "ScimUser" SET active = false WHERE "userId" = $1`, [person.id]);
      await client.query(`DELETE FROM "Session" WHERE "userId" = $1`, [person.id]);
      const signIn = person.signIn();
      await waitForLock(watching);
      await client.query("COMMIT");
      expect(await signIn).toBe("FORBIDDEN");
      expect(await db.session.count({ where: { userId: person.id } })).toBe(0);
    } finally {
      await Promise.all([client.end(), watching.end()]);
    }
  });

  it("leaves no session of a sign-in at the same time", async () => {
    const person = await signedUp("twelve@trusted.example");
    await entra.post("/Users", withAddress(person.email));
    for (let round = 0; round < 5; round += 1) {
      await entra.patch(`/Users/${person.id}`, { op: "replace", path: "active", value: true });
      const signIns = Array.from({ length: 4 }, () => person.signIn());
      await entra.patch(`/Users/${person.id}`, deactivate);
      await Promise.all(signIns);
      expect(await db.session.count({ where: { userId: person.id } })).toBe(0);
      await db.attemptCount.deleteMany();
    }
  });
});

describe("the last System Admin", () => {
  it("is neither deactivated nor removed, and does not lose the role while the others are deactivated", async () => {
    const fresh = await testHouston({ auth: { openidConnect: { microsoft: { emailDomains: ["example.com"] } } } });
    const client = await scimClient(fresh);
    const [first, second] = [await fresh.build.systemAdmin(), await fresh.build.systemAdmin()];
    for (const { email } of [first, second]) expect((await client.post("/Users", withAddress(email))).status).toBe(201);
    expect((await client.patch(`/Users/${first.id}`, deactivate)).status).toBe(200);
    for (const answer of [
      await client.patch(`/Users/${second.id}`, deactivate),
      await client.put(`/Users/${second.id}`, withAddress(second.email, { active: false })),
      await client.delete(`/Users/${second.id}`),
    ]) {
      expect(answer).toMatchObject({ status: 409, body: { detail: expect.stringContaining("last System Admin") } });
    }
    const revoke = `mutation ($u: ID!) { deleteSystemRoleBinding(userId: $u, role: SYSTEM_ADMIN) { id } }`;
    expect(outcomeOf(await fresh.as(second).send(revoke, { u: second.id }))).toBe("CONFLICT userId");
    expect(outcomeOf(await fresh.as(second).send(SELF))).toBe("ok");
    // Whoever is deactivated can be removed.
    expect((await client.delete(`/Users/${first.id}`)).status).toBe(204);
  });

  it("stays when both are deactivated at the same time", async () => {
    const fresh = await testHouston({ auth: { openidConnect: { microsoft: { emailDomains: ["example.com"] } } } });
    const client = await scimClient(fresh);
    const admins = [await fresh.build.systemAdmin(), await fresh.build.systemAdmin()];
    for (const { email } of admins) await client.post("/Users", withAddress(email));
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all(admins.map(({ id }) => client.patch(`/Users/${id}`, deactivate)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      await fresh.db.scimUser.updateMany({ data: { active: true } });
    }
  });
});

describe("DELETE", () => {
  it("removes the account, unless another provider keeps it too", async () => {
    const { body } = await entra.post("/Users", withAddress("six@trusted.example"));
    await db.scimUser.create({
      data: { provider: "okta", userId: body.id, userName: "six", userNameKey: "SIX" },
    });
    const group = (await entra.post("/Groups", { displayName: "Six", members: [{ value: body.id }] })).body;
    expect((await entra.delete(`/Users/${body.id}`)).status).toBe(204);
    expect((await entra.get(`/Users/${body.id}`)).status).toBe(404);
    expect(await db.teamMember.count({ where: { teamId: group.id } })).toBe(0);
    expect(await db.user.count({ where: { id: body.id } })).toBe(1);
    expect((await okta.delete(`/Users/${body.id}`)).status).toBe(204);
    expect(await db.user.count({ where: { id: body.id } })).toBe(0);
    expect((await okta.delete(`/Users/${body.id}`)).status).toBe(404);
  });

  it("is refused for the last admin of a Workspace", async () => {
    const { body } = await entra.post("/Users", entraUser());
    const { workspace, admin } = await build.workspace();
    await db.roleBinding.deleteMany({ where: { userId: admin.id } });
    await db.roleBinding.create({ data: { userId: body.id, role: "WORKSPACE_ADMIN", workspaceId: workspace.id } });
    const answer = await entra.delete(`/Users/${body.id}`);
    expect(answer).toMatchObject({ status: 409, body: { detail: expect.stringContaining(workspace.label) } });
    expect(await db.user.count({ where: { id: body.id } })).toBe(1);
  });
});

import { afterAll, describe, expect, it } from "vitest";
import { keyPattern } from "../../src/access/apiKey.ts";
import { hashOf } from "../../src/platform/secrets/tokens.ts";
import { createAlpha } from "../support/alpha.ts";
import { startTestApp } from "../support/app.ts";
import type { Someone } from "../support/as.ts";
import { createBuild } from "../support/build.ts";
import { testHouston } from "../support/houston.ts";

const { url, as, build, db, app } = await testHouston();
const alpha = createAlpha(url);
const systemAdmin = await build.systemAdmin();
const { organization, owner, member, outsider } = await build.organization();
const elsewhere = await build.organization();

const CREATE = `mutation ($name: String!, $orgId: String, $role: String) {
  result: createApiKey(name: $name, orgId: $orgId, role: $role) { success message id token code }
}`;
const UPDATE = `mutation ($id: String!, $name: String, $delete: Boolean) {
  result: updateApiKey(apiKeyId: $id, name: $name, delete: $delete) { success message id token code }
}`;
const LIST = `query ($id: String) {
  apiKeys(apiKeyId: $id) { id name role keyStart createdBy createdAt lastUsedAt }
}`;

const here = { organization: organization.id };
const send = async (someone: Someone, document: string, variables: object, header = here) =>
  (await alpha(someone, header).send(document, { ...variables })).data.result;
const create = (someone: Someone, variables: object = {}, header = here) =>
  send(someone, CREATE, { name: "Router in Frankfurt", ...variables }, header);
const update = (someone: Someone, id: string, variables: object, header = here) =>
  send(someone, UPDATE, { id, ...variables }, header);
const list = (someone: Someone, id?: string, header = here) => alpha(someone, header).send(LIST, { id });
const countKeys = () => db.serviceAccount.count();

const denied = { success: false, code: "FORBIDDEN" };
const notYours = { ...denied, message: "organization: you do not belong to this Organization" };

describe("createApiKey", () => {
  it("creates an API key of the Organization, whose key is shown only there and stored only as a hash", async () => {
    const { token, ...result } = await create(owner, { orgId: organization.id });
    const message = "API key created; this is the only time it is shown";
    expect(result).toEqual({ success: true, message, id: expect.any(String), code: null });
    expect(token).toMatch(keyPattern);
    const row = await db.serviceAccount.findUniqueOrThrow({
      where: { id: result.id },
      include: { roleBindings: { select: { role: true, organizationId: true } } },
    });
    expect(row).toMatchObject({
      ...{ label: "Router in Frankfurt", organizationId: organization.id, workspaceId: null, deploymentId: null },
      ...{ keyHash: hashOf(token), keyStart: token.slice(0, 6), keyEncrypted: null, keyShownUntil: null },
      ...{ createdBy: `user:${owner.id}`, active: true },
      roleBindings: [{ role: "ORGANIZATION_ROUTER", organizationId: organization.id }],
    });
    const entry = await db.auditEntry.findFirstOrThrow({ where: { entityId: result.id } });
    expect(entry).toMatchObject({
      ...{ action: "createApiKey", actor: `user:${owner.id}`, entityType: "ServiceAccount" },
      detail: { organizationId: organization.id, name: "Router in Frankfurt", role: "Router" },
    });
    expect(JSON.stringify([entry, await list(owner)])).not.toContain(token.slice(6));
  });

  it.each([
    ["Router", "ORGANIZATION_ROUTER"],
    ["User", "ORGANIZATION_USER"],
    ["Owner", "ORGANIZATION_OWNER"],
    ["", "ORGANIZATION_ROUTER"],
    [null, "ORGANIZATION_ROUTER"],
  ])("gives it the role %j", async (role, stored) => {
    const { id } = await create(owner, { role });
    const [binding] = await db.roleBinding.findMany({ where: { serviceAccountId: id } });
    expect(binding?.role).toBe(stored);
  });

  it("is allowed to Owners and System Admins, and to keys with the role Owner", async () => {
    expect(await create(systemAdmin, { role: "Owner" })).toMatchObject({ success: true });
    const { id, token } = await create(owner, { role: "Owner" });
    const next = await create({ token }, { role: "Owner" });
    expect(next).toMatchObject({ success: true });
    const row = await db.serviceAccount.findUniqueOrThrow({ where: { id: next.id } });
    expect(row.createdBy).toBe(`serviceAccount:${id}`);
  });

  it("is denied to Users, to keys of other roles, to outsiders, and without a credential", async () => {
    const keys = [await create(owner), await create(owner, { role: "User" })];
    const before = await countKeys();
    for (const someone of [member, ...keys]) expect(await create(someone)).toMatchObject(denied);
    for (const someone of [outsider, elsewhere.owner]) expect(await create(someone)).toMatchObject(notYours);
    const unknown = { organization: "nothing" };
    expect(await create(outsider, {}, unknown)).toMatchObject(notYours);
    for (const someone of [undefined, { token: "nonsense" }])
      expect(await create(someone)).toMatchObject({ success: false, code: "UNAUTHENTICATED" });
    expect(await countKeys()).toBe(before);
  });

  it("rejects invalid names and roles, a missing header, and an orgId that is not the header's", async () => {
    const before = await countKeys();
    const rejected = (message: string) => ({ success: false, message, id: null, token: null, code: "BAD_USER_INPUT" });
    const name = rejected("name: must be a string of 1 to 80 characters");
    for (const bad of ["", "  ", "x".repeat(81)]) expect(await create(owner, { name: bad })).toEqual(name);
    const role = rejected("role: must be one of Router, User, Owner");
    for (const bad of ["router", "ORGANIZATION_ROUTER", "SYSTEM_ADMIN", "toString"])
      expect(await create(owner, { role: bad })).toEqual(role);
    expect(await create(owner, {}, { organization: "" })).toMatchObject({
      message: expect.stringContaining("organization: is required"),
      code: "BAD_USER_INPUT",
    });
    expect(await create(owner, { orgId: elsewhere.organization.id })).toMatchObject({
      message: expect.stringContaining("orgId: must be"),
      code: "BAD_USER_INPUT",
    });
    expect(await countKeys()).toBe(before);
  });

  it("allows 1,000 API keys in an Organization, also to concurrent requests", async () => {
    const { organization: full, owner: someone } = await build.organization();
    const others = Array.from({ length: 999 }, (_, n) => ({
      ...{
        label: "Old",
        organizationId: full.id,
        createdBy: "user:nobody",
        keyHash: `${full.id}-${n}`,
        keyStart: "hou_",
      },
    }));
    await db.serviceAccount.createMany({ data: others });
    const header = { organization: full.id };
    const results = await Promise.all([create(someone, {}, header), create(someone, {}, header)]);
    expect(results.map(({ success }) => success).toSorted()).toEqual([false, true]);
    const message = "organization: already has 1,000 API keys, the maximum; delete one first";
    expect(results).toContainEqual({ success: false, message, id: null, token: null, code: "BAD_USER_INPUT" });
    expect(await db.serviceAccount.count({ where: { organizationId: full.id } })).toBe(1000);
  });

  it("keeps callers from granting permissions that they lack", async () => {
    const roles = { ORGANIZATION_USER: { permissions: { "organization.serviceAccounts.update": true } } };
    const other = await startTestApp({ roles });
    try {
      const people = await createBuild(other.db, other.config).organization();
      const scoped = createAlpha(other.url)(people.member, { organization: people.organization.id });
      const as = async (role: string) => (await scoped.send(CREATE, { name: "CI", role })).data.result;
      expect(await as("User")).toMatchObject({ success: true });
      for (const role of ["Router", "Owner"]) expect(await as(role)).toMatchObject(denied);
      expect(await other.db.serviceAccount.count()).toBe(1);
    } finally {
      await other.close();
    }
  });
});

describe("an API key of an Organization", () => {
  it("does at /alpha what its role allows, only in its Organization", async () => {
    const [user, ownerKey] = [await create(owner, { role: "User" }), await create(owner, { role: "Owner" })];
    const { data } = await alpha(user).send("{ organizations { id } }");
    expect(data.organizations).toContainEqual({ id: organization.id });
    expect(data.organizations).not.toContainEqual({ id: elsewhere.organization.id });
    expect((await list(ownerKey)).errors).toBeUndefined();
    expect((await list(user)).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    const there = { organization: elsewhere.organization.id };
    expect(await create(ownerKey, {}, there)).toMatchObject(notYours);
  });

  it("is an ordinary credential at /v1, which opens nothing there but what everyone may do", async () => {
    const key = await create(owner, { role: "Owner" });
    const { data, errors } = await as(key).send("{ workspaces { id } }");
    expect(errors).toBeUndefined();
    expect(data.workspaces).toEqual([]);
    const { errors: denials } = await as(key).send("{ users { id } }");
    expect(denials?.[0]?.extensions.code).toBe("FORBIDDEN");
  });

  it("is unknown to the operations for service accounts at /v1", async () => {
    const { id } = await create(owner);
    const calls = [
      'mutation ($id: Uuid!) { updateServiceAccount(serviceAccountUuid: $id, payload: { label: "Mine" }) { id } }',
      "mutation ($id: Uuid!) { deleteServiceAccount(serviceAccountUuid: $id) { id } }",
    ];
    for (const call of calls) {
      const outcomes = await Promise.all([systemAdmin, owner].map((someone) => as(someone).send(call, { id })));
      for (const { errors } of outcomes) expect(["NOT_FOUND", "FORBIDDEN"]).toContain(errors?.[0]?.extensions.code);
    }
    expect((await list(owner, id)).data.apiKeys).toMatchObject([{ id, name: "Router in Frankfurt" }]);
  });

  it("stops working when it is deleted", async () => {
    const key = await create(owner, { role: "Owner" });
    expect(await update(key, key.id, { delete: true })).toMatchObject({ success: true });
    expect((await list(key)).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
  });

  it("is deleted with the Organization", async () => {
    const { organization: old, owner: former } = await build.organization();
    const { id } = await create(former, {}, { organization: old.id });
    await db.organization.delete({ where: { id: old.id } });
    expect(await db.serviceAccount.findUnique({ where: { id } })).toBeNull();
  });
});

describe("apiKeys", () => {
  it("lists the keys of the Organization by the time of their creation, without the keys", async () => {
    const { organization: own, owner: someone } = await build.organization();
    const header = { organization: own.id };
    const [first, second] = [
      await create(someone, { name: "One" }, header),
      await create(someone, { role: "Owner" }, header),
    ];
    await create(elsewhere.owner, {}, { organization: elsewhere.organization.id });
    const { data, errors } = await list(someone, undefined, header);
    expect(errors).toBeUndefined();
    const common = { createdBy: `user:${someone.id}`, createdAt: expect.any(String), lastUsedAt: null };
    expect(data.apiKeys).toEqual([
      { id: first.id, name: "One", role: "Router", keyStart: first.token.slice(0, 6), ...common },
      { id: second.id, name: "Router in Frankfurt", role: "Owner", keyStart: second.token.slice(0, 6), ...common },
    ]);
  });

  it("tells when a key was used", async () => {
    const key = await create(owner, { role: "Owner" });
    await list(key);
    await app.services.lastUsed.flush();
    const { data } = await list(owner, key.id);
    expect(Date.parse(data.apiKeys[0].lastUsedAt)).toBeGreaterThan(Date.now() - 60_000);
  });

  it("returns a list of one for an ID, and an empty one for an unknown ID or a key of others", async () => {
    const { id } = await create(owner);
    expect((await list(owner, id)).data.apiKeys).toMatchObject([{ id }]);
    const foreign = await create(elsewhere.owner, {}, { organization: elsewhere.organization.id });
    const workspace = await build.serviceAccount({ role: "SYSTEM_VIEWER" });
    for (const one of ["nothing", foreign.id, workspace.id]) expect((await list(owner, one)).data.apiKeys).toEqual([]);
  });

  it("is denied to Users, outsiders, and without a credential", async () => {
    const codeOf = async (someone: Someone) => (await list(someone)).errors?.[0]?.extensions.code;
    expect(await codeOf(systemAdmin)).toBeUndefined();
    for (const someone of [member, outsider, elsewhere.owner]) expect(await codeOf(someone)).toBe("FORBIDDEN");
    expect(await codeOf(undefined)).toBe("UNAUTHENTICATED");
  });
});

describe("updateApiKey", () => {
  it("renames a key, which stays valid", async () => {
    const key = await create(owner, { role: "Owner" });
    const result = await update(key, key.id, { name: " Router in Paris " });
    expect(result).toEqual({ success: true, message: "API key renamed", id: key.id, token: null, code: null });
    expect((await list(key, key.id)).data.apiKeys[0].name).toBe("Router in Paris");
    expect(await db.auditEntry.findFirstOrThrow({ where: { entityId: key.id, action: "updateApiKey" } })).toMatchObject(
      {
        actor: `serviceAccount:${key.id}`,
        detail: { organizationId: organization.id, name: "Router in Paris" },
      },
    );
  });

  it("deletes a key and its role; of two concurrent deletions, one succeeds", async () => {
    const { id } = await create(owner);
    const results = await Promise.all([update(owner, id, { delete: true }), update(owner, id, { delete: true })]);
    expect(results.map(({ code }) => code).toSorted()).toEqual(["NOT_FOUND", null]);
    expect(await db.serviceAccount.findUnique({ where: { id } })).toBeNull();
    expect(await db.roleBinding.count({ where: { serviceAccountId: id } })).toBe(0);
    expect(await db.auditEntry.count({ where: { entityId: id, action: "deleteApiKey" } })).toBe(1);
  });

  it("finds no key of another Organization, of the system, or with an unknown ID", async () => {
    const foreign = await create(elsewhere.owner, {}, { organization: elsewhere.organization.id });
    const system = await build.serviceAccount({ role: "SYSTEM_VIEWER" });
    const message = "apiKeyId: unknown API key in this Organization";
    for (const id of [foreign.id, system.id, "nothing"])
      for (const change of [{ delete: true }, { name: "Mine" }])
        expect(await update(owner, id, change)).toMatchObject({ success: false, message, code: "NOT_FOUND" });
    expect(await db.serviceAccount.count({ where: { id: { in: [foreign.id, system.id] } } })).toBe(2);
  });

  it("is denied to Users, outsiders, and without a credential", async () => {
    const { id } = await create(owner);
    for (const someone of [member, outsider, elsewhere.owner])
      expect(await update(someone, id, { delete: true })).toMatchObject(denied);
    expect(await update(undefined, id, { delete: true })).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await update(systemAdmin, id, { delete: true })).toMatchObject({ success: true });
  });

  it("rejects both changes at once, none, and an invalid name", async () => {
    const { id } = await create(owner);
    const messageFor = async (change: object) => {
      const { message, code } = await update(owner, id, change);
      expect(code).toBe("BAD_USER_INPUT");
      return message;
    };
    expect(await messageFor({ name: "New", delete: true })).toBe("delete: cannot be combined with name");
    const required = "name, delete: one of them is required";
    for (const change of [{}, { delete: false }, { name: "" }, { name: null, delete: null }])
      expect(await messageFor(change)).toBe(required);
    expect(await messageFor({ name: "x".repeat(81) })).toBe("name: must be a string of 1 to 80 characters");
    expect(await db.serviceAccount.findUniqueOrThrow({ where: { id } })).toMatchObject({
      label: "Router in Frankfurt",
    });
  });
});

describe("with serviceAccounts.enabled false", async () => {
  const disabled = await startTestApp({ serviceAccounts: { enabled: false } });
  afterAll(disabled.close);

  it("no API key is created; those that exist can still be listed and deleted", async () => {
    const people = createBuild(disabled.db, disabled.config);
    const { organization: own, owner: someone } = await people.organization();
    const key = await people.serviceAccount({ role: "ORGANIZATION_ROUTER", organizationId: own.id });
    const scoped = createAlpha(disabled.url)(someone, { organization: own.id });
    expect((await scoped.send(CREATE, { name: "CI" })).data.result).toMatchObject({
      success: false,
      message: "Service accounts are disabled: serviceAccounts.enabled is false",
      code: "FEATURE_DISABLED",
    });
    expect((await scoped.send(LIST)).data.apiKeys).toMatchObject([{ id: key.id }]);
    expect((await scoped.send(UPDATE, { id: key.id, delete: true })).data.result).toMatchObject({ success: true });
    expect(await disabled.db.serviceAccount.count()).toBe(0);
  });
});

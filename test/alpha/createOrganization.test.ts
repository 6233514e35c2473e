import { describe, expect, it } from "vitest";
import { createAlpha } from "../support/alpha.ts";
import type { Someone } from "../support/as.ts";
import { testHouston } from "../support/houston.ts";
import { createRest } from "../support/restCalls.ts";

const { build, db, url } = await testHouston();
const alpha = createAlpha(url);
const rest = createRest(url);
const systemAdmin = await build.systemAdmin();

const CREATE = `mutation ($name: String!, $userId: String) {
  createOrganization(name: $name, userId: $userId) { success message id code }
}`;
const create = async (someone: Someone, name: string, userId?: string | null) =>
  (await alpha(someone).send(CREATE, { name, userId })).data.createOrganization;

let count = 0;
const newName = () => `New ${count++}`;
const ownersOf = async (organizationId: string) =>
  (await db.roleBinding.findMany({ where: { organizationId, role: "ORGANIZATION_OWNER" } })).map(
    ({ userId }) => userId,
  );

describe("createOrganization", () => {
  it("runs as printed, without the word mutation, for the caller's own ID", async () => {
    const user = await build.user();
    const name = newName();
    const { status, data } = await alpha(user).send(
      `createOrganization(
  name: "${name}",
  userId: "${user.id}"
) {
  success
  message
  id
}`,
    );
    expect(status).toBe(200);
    const { id, ...answer } = data.createOrganization;
    const message = "Organization created; send its ID in the header `organization` to change it";
    expect(answer).toEqual({ success: true, message });
    expect(await ownersOf(id)).toEqual([user.id]);
  });

  it("makes any signed-in user the Owner of what they create, and records it", async () => {
    const user = await build.user();
    for (const userId of [undefined, null, "", user.id]) {
      const name = newName();
      const { id, success } = await create(user, name, userId);
      expect(success).toBe(true);
      const actor = `user:${user.id}`;
      expect(await db.organization.findUniqueOrThrow({ where: { id } })).toMatchObject({ name, createdBy: actor });
      expect(await ownersOf(id)).toEqual([user.id]);
      expect(await db.auditEntry.findMany({ where: { entityId: id } })).toMatchObject([
        { action: "createOrganization", entityType: "Organization", actor, detail: { name, ownerId: user.id } },
      ]);
    }
  });

  it("names another user as Owner with system.organizations.create only", async () => {
    const [user, other] = [await build.user(), await build.user()];
    const { id } = await create(systemAdmin, newName(), other.id);
    expect(await ownersOf(id)).toEqual([other.id]);
    const before = await db.organization.count();
    for (const userId of [other.id, "unknown"]) {
      const denied = { success: false, message: "userId: must be your own ID", id: null, code: "FORBIDDEN" };
      expect(await create(user, newName(), userId)).toEqual(denied);
    }
    expect(await db.organization.count()).toBe(before);
  });

  it("names an unknown user, and one whose address is not confirmed", async () => {
    const pending = await build.user({ status: "pending" });
    expect(await create(systemAdmin, newName(), "unknown")).toMatchObject({
      message: "userId: unknown user",
      code: "NOT_FOUND",
    });
    const name = newName();
    expect(await create(systemAdmin, name, pending.id)).toMatchObject({
      message: "userId: must be the ID of an active user",
      code: "BAD_USER_INPUT",
    });
    expect(await db.organization.count({ where: { name } })).toBe(0);
  });

  it("requires a user of API keys, and the permission", async () => {
    const user = await build.user();
    const key = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const message = "userId: is required for API keys (ID of the user who becomes Owner)";
    expect(await create(key, newName())).toMatchObject({ success: false, message, code: "BAD_USER_INPUT" });
    const { id } = await create(key, newName(), user.id);
    expect(await ownersOf(id)).toEqual([user.id]);
    const { organization } = await build.organization();
    const router = await build.serviceAccount({ role: "ORGANIZATION_ROUTER", organizationId: organization.id });
    expect(await create(router, newName(), user.id)).toMatchObject({ code: "FORBIDDEN" });
  });

  it("denies a caller without a valid token", async () => {
    for (const someone of [undefined, { token: "nonsense" }])
      expect(await create(someone, newName())).toMatchObject({ success: false, code: "UNAUTHENTICATED" });
  });

  it("reports a name that is in use, of any Organization", async () => {
    const { organization } = await build.organization();
    expect(await create(await build.user(), ` ${organization.name} `)).toMatchObject({
      success: false,
      message: "name: is already in use by another Organization",
      code: "CONFLICT",
    });
  });

  it.each([
    ["", "must be a string of 1 to 50 characters"],
    [" ", "must be a string of 1 to 50 characters"],
    ["x".repeat(51), "must be a string of 1 to 50 characters"],
    ["a\nb", "must not contain line breaks"],
    ["a\u0000b", "must not contain a NUL character"],
  ])("names the invalid name %j", async (name, message) => {
    const answer = await create(systemAdmin, name);
    expect(answer).toMatchObject({ success: false, code: "BAD_USER_INPUT" });
    expect(answer.message).toMatch(new RegExp(`^name: ${message}`));
  });

  it("creates one Organization of a name, for ten concurrent requests", async () => {
    const [user, name] = [await build.user(), newName()];
    const answers = await Promise.all(Array.from({ length: 10 }, () => create(user, name)));
    expect(answers.filter(({ success }) => success)).toHaveLength(1);
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set([null, "CONFLICT"]));
    expect(await db.organization.count({ where: { name } })).toBe(1);
  });

  it("creates what REST shows to its Owner and lets them change, and to nobody else", async () => {
    const [owner, outsider] = [await build.user(), await build.user()];
    const name = newName();
    const { id } = await create(owner, name);
    const idsFor = async (someone: Someone) =>
      (await rest(someone).get("/organizations")).body.organizations.map((one: { id: string }) => one.id);
    expect(await idsFor(owner)).toContain(id);
    expect(await idsFor(outsider)).not.toContain(id);
    const body = { name: `${name} 2`, billingEmail: "billing@example.com", isScimEnabled: false };
    expect((await rest(owner).post(`/organizations/${id}`, body)).status).toBe(200);
    const { data } = await alpha(owner).send(`{ organizations(orgId: "${id}") { name billingEmail role } }`);
    expect(data.organizations).toEqual([{ name: body.name, billingEmail: body.billingEmail, role: "Owner" }]);
  });

  it("is without an Owner if created over REST, until a System Admin adds one", async () => {
    const created = await rest(systemAdmin).post("/organizations", { name: newName() });
    expect(await ownersOf(created.body.id)).toEqual([]);
    const user = await build.user();
    const { data } = await alpha(systemAdmin, { organization: created.body.id }).send(
      `mutation { updateOrganization(addOwners: ["${user.email}"]) { success } }`,
    );
    expect(data.updateOrganization.success).toBe(true);
    expect(await ownersOf(created.body.id)).toEqual([user.id]);
  });
});

import { describe, expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { createAlpha } from "../support/alpha.ts";
import type { Someone } from "../support/as.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";

const { build, db, url } = await testHouston();
const alpha = createAlpha(url);
const systemAdmin = await build.systemAdmin();
const systemViewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });

const idsFor = async (someone: Someone, given: { orgId?: string; userId?: string } = {}): Promise<string[]> => {
  const { data } = await alpha(someone).send(
    "query ($orgId: String, $userId: String) { organizations(orgId: $orgId, userId: $userId) { id } }",
    given,
  );
  return data.organizations.map(({ id }: { id: string }) => id);
};

/** The one Organization as someone sees it, undefined if they do not. */
const seenBy = async (someone: Someone, orgId: string) => {
  const { data, errors } = await alpha(someone).send(`{
    organizations(orgId: "${orgId}") { id name billingEmail role users { id username fullName email role status } }
  }`);
  expect(errors).toBeUndefined();
  return data.organizations[0];
};

describe("organizations", () => {
  it("lists those that the caller belongs to, and all with system.organizations.get", async () => {
    const { organization, owner, member, outsider } = await build.organization();
    for (const someone of [owner, member])
      expect(await idsFor(someone)).toEqual([DEFAULT_ORGANIZATION, organization.id]);
    expect(await idsFor(outsider)).toEqual([DEFAULT_ORGANIZATION]);
    for (const someone of [systemAdmin, systemViewer]) expect(await idsFor(someone)).toContain(organization.id);
    const key = await build.serviceAccount({ role: "ORGANIZATION_USER", organizationId: organization.id });
    expect(await idsFor(key)).toEqual([DEFAULT_ORGANIZATION, organization.id]);
  });

  it("lists at most the one with orgId", async () => {
    const { organization, owner, outsider } = await build.organization();
    expect(await idsFor(owner, { orgId: organization.id })).toEqual([organization.id]);
    expect(await idsFor(owner, { orgId: "" })).toHaveLength(2);
    expect(await idsFor(outsider, { orgId: organization.id })).toEqual([]);
    expect(await idsFor(owner, { orgId: "unknown" })).toEqual([]);
  });

  it("lists with userId those in which the user holds a role", async () => {
    const { organization, owner, member } = await build.organization();
    const { organization: second } = await build.organization();
    await db.roleBinding.create({
      data: { userId: owner.id, organizationId: second.id, role: "ORGANIZATION_USER" },
    });
    expect(await idsFor(owner, { userId: owner.id })).toEqual([organization.id, second.id]);
    expect(await idsFor(systemAdmin, { userId: owner.id })).toEqual([organization.id, second.id]);
    expect(await idsFor(owner, { userId: owner.id, orgId: second.id })).toEqual([second.id]);
    expect(await idsFor(owner, { userId: member.id })).toEqual([organization.id]);
    expect(await idsFor(systemAdmin, { userId: "unknown" })).toEqual([]);
  });

  it("does not reveal with userId a role that the caller may not know of", async () => {
    const { organization, owner, member, outsider } = await build.organization();
    const { organization: other, owner: stranger } = await build.organization();
    await db.roleBinding.create({ data: { userId: member.id, organizationId: other.id, role: "ORGANIZATION_USER" } });
    await db.roleBinding.create({
      data: { userId: member.id, organizationId: DEFAULT_ORGANIZATION, role: "ORGANIZATION_USER" },
    });
    // The caller sees the default Organization, but not its people.
    expect(await idsFor(owner, { userId: member.id })).toEqual([organization.id]);
    expect(await idsFor(stranger, { userId: member.id })).toEqual([other.id]);
    expect(await idsFor(outsider, { userId: member.id })).toEqual([]);
    // Someone who belongs to it by a role in a Workspace only.
    const { workspace, viewer } = await build.workspace();
    await db.workspace.update({ where: { id: workspace.id }, data: { organizationId: organization.id } });
    expect(await idsFor(viewer)).toContain(organization.id);
    expect(await idsFor(viewer, { userId: member.id })).toEqual([]);
    const router = await build.serviceAccount({ role: "ORGANIZATION_ROUTER", organizationId: organization.id });
    expect(await idsFor(router, { userId: member.id })).toEqual([]);
  });

  it("returns every selected field, under aliases too", async () => {
    const { organization, member } = await build.organization();
    const { data } = await alpha(member).send(
      `query ($id: String) { one: organizations(orgId: $id) { key: id name createdAt updatedAt __typename } }`,
      { id: organization.id },
    );
    expect(data.one).toEqual([
      {
        key: organization.id,
        name: organization.name,
        createdAt: organization.createdAt.toISOString(),
        updatedAt: organization.updatedAt.toISOString(),
        __typename: "Organization",
      },
    ]);
  });

  it("denies an anonymous caller and a bad token with an error, as /v1 does", async () => {
    for (const someone of [undefined, { token: "bad" }]) {
      const { status, data, errors } = await alpha(someone).send("{ organizations { id } }");
      expect([status, data]).toEqual([200, null]);
      expect(errors).toMatchObject([{ path: ["organizations"], extensions: { code: "UNAUTHENTICATED" } }]);
    }
  });

  it("names an argument that cannot be stored", async () => {
    const { errors } = await alpha(systemAdmin).send(`{ organizations(orgId: "a\\u0000") { id } }`);
    expect(errors?.[0]).toMatchObject({ message: "orgId: must not contain a NUL character" });
  });
});

describe("Organization.users", () => {
  it("are its Owners and Users, for those who may see them", async () => {
    const { organization, owner, member, outsider } = await build.organization();
    await build.serviceAccount({ role: "ORGANIZATION_ROUTER", organizationId: organization.id });
    const { id, username, email } = owner;
    const users = [
      { id, username, fullName: "Test Person", email, role: "Owner", status: "active" },
      expect.objectContaining({ id: member.id, role: "User" }),
    ];
    for (const someone of [owner, member, systemAdmin, systemViewer]) {
      const seen = (await seenBy(someone, organization.id)).users;
      expect(seen).toHaveLength(2);
      expect(seen).toEqual(expect.arrayContaining(users));
    }
    expect(await seenBy(outsider, organization.id)).toBeUndefined();
    expect((await seenBy(owner, DEFAULT_ORGANIZATION)).users).toEqual([]);
  });

  it("show nothing else about a person", async () => {
    const { owner } = await build.organization();
    for (const field of ["emails { address }", "roleBindings { role }", "profile", "localCredential"]) {
      const { errors } = await alpha(owner).send(`{ organizations { users { ${field} } } }`);
      expect(errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    }
  });

  it("are read with their Organizations in one statement, however many there are", async () => {
    const owner = await build.user();
    const statements = async () => {
      const { result, statements: sent } = await countStatements(() =>
        alpha(owner).send("{ organizations { id role billingEmail users { username email } } }"),
      );
      return { organizations: result.data.organizations.length, count: sent.length };
    };
    const add = async () => {
      const { organization } = await build.organization();
      const data = { userId: owner.id, organizationId: organization.id, role: "ORGANIZATION_OWNER" as const };
      await db.roleBinding.create({ data });
    };
    await add();
    const few = await statements();
    await add();
    await add();
    const many = await statements();
    expect([few.organizations, many.organizations]).toEqual([2, 4]);
    expect(many.count).toBe(few.count);
  });
});

describe("Organization.role", () => {
  it("is the caller's own", async () => {
    const { organization, owner, member } = await build.organization();
    const router = await build.serviceAccount({ role: "ORGANIZATION_ROUTER", organizationId: organization.id });
    const { organization: other, owner: second } = await build.organization();
    await db.roleBinding.create({
      data: { userId: second.id, organizationId: organization.id, role: "ORGANIZATION_USER" },
    });
    expect((await seenBy(owner, organization.id)).role).toBe("Owner");
    expect((await seenBy(member, organization.id)).role).toBe("User");
    expect((await seenBy(router, organization.id)).role).toBe("Router");
    expect((await seenBy(second, organization.id)).role).toBe("User");
    expect((await seenBy(second, other.id)).role).toBe("Owner");
    expect((await seenBy(systemAdmin, organization.id)).role).toBeNull();
    expect((await seenBy(owner, DEFAULT_ORGANIZATION)).role).toBeNull();
  });
});

describe("Organization.billingEmail", () => {
  it("is null for those who may not change it", async () => {
    const { organization, owner, member } = await build.organization();
    await db.organization.update({ where: { id: organization.id }, data: { billingEmail: "b@example.com" } });
    for (const someone of [owner, systemAdmin])
      expect((await seenBy(someone, organization.id)).billingEmail).toBe("b@example.com");
    for (const someone of [member, systemViewer])
      expect((await seenBy(someone, organization.id)).billingEmail).toBeNull();
  });
});

import { describe, expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { createAlpha } from "../support/alpha.ts";
import type { Someone } from "../support/as.ts";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";

const mailbox = createMailbox();
const { as, build, db, url } = await testHouston({ email: { folder: mailbox.folder } });
const alpha = createAlpha(url);
const systemAdmin = await build.systemAdmin();

const DENIED = "You do not have the appropriate permissions for that";
const UPDATE = `mutation (
  $orgId: String, $name: String, $billingEmail: String, $addUsers: [String!], $removeUsers: [String!],
  $addOwners: [String!], $removeOwners: [String!], $delete: Boolean
) {
  updateOrganization(
    orgId: $orgId, name: $name, billingEmail: $billingEmail, addUsers: $addUsers, removeUsers: $removeUsers,
    addOwners: $addOwners, removeOwners: $removeOwners, delete: $delete
  ) { success message id code }
}`;
const update = async (someone: Someone, organization: string | undefined, given: Record<string, unknown>) => {
  const { data } = await alpha(someone, organization === undefined ? {} : { organization }).send(UPDATE, given);
  return data.updateOrganization as { success: boolean; message: string; id: string | null; code: string | null };
};

/** The people of an Organization, by ID. */
const rolesIn = async (organizationId: string) =>
  Object.fromEntries(
    (await db.roleBinding.findMany({ where: { organizationId, userId: { not: null } } })).map((one) => [
      one.userId,
      one.role,
    ]),
  );
const auditOf = (entityId: string) => db.auditEntry.findMany({ where: { entityId }, orderBy: { createdAt: "asc" } });
let count = 0;
const newName = () => `Updated ${count++}`;

describe("updateOrganization", () => {
  it("changes name and billing e-mail for the Owner and the System Admin, and records it", async () => {
    const { organization, owner } = await build.organization();
    const [name, billingEmail] = [newName(), "billing@example.com"];
    expect(await update(owner, organization.id, { name, orgId: organization.id })).toEqual({
      success: true,
      message: "Organization updated",
      id: organization.id,
      code: null,
    });
    expect((await update(systemAdmin, organization.id, { billingEmail: " Billing@Example.com" })).success).toBe(true);
    expect(await db.organization.findUniqueOrThrow({ where: { id: organization.id } })).toMatchObject({
      name,
      billingEmail,
      updatedBy: `user:${systemAdmin.id}`,
    });
    expect(await auditOf(organization.id)).toMatchObject([
      { action: "updateOrganization", entityType: "Organization", actor: `user:${owner.id}`, detail: { name } },
      { action: "updateOrganization", actor: `user:${systemAdmin.id}`, detail: { billingEmail } },
    ]);
  });

  it("adds and removes active users and Owners in one call, without an e-mail", async () => {
    const { organization, owner, member } = await build.organization();
    const [ada, bob, eve] = [await build.user(), await build.user(), await build.user()];
    const given = {
      addUsers: [` ${ada.email.toUpperCase()} `, bob.id],
      addOwners: [eve.email],
      removeUsers: [member.id],
    };
    const answer = await update(owner, organization.id, given);
    expect(answer).toMatchObject({ success: true, message: "Organization updated; people: 3 added, 1 removed" });
    expect(await rolesIn(organization.id)).toEqual({
      [owner.id]: "ORGANIZATION_OWNER",
      [eve.id]: "ORGANIZATION_OWNER",
      [ada.id]: "ORGANIZATION_USER",
      [bob.id]: "ORGANIZATION_USER",
    });
    const [entry] = await auditOf(organization.id);
    expect(entry?.detail).toMatchObject({
      people: expect.arrayContaining([
        { userId: eve.id, role: "ORGANIZATION_OWNER", change: "added", mailed: false },
        { userId: member.id, role: null, change: "removed", mailed: false },
      ]),
    });
    await mailbox.settled(db);
    expect(await mailbox.mails("join", ada.email)).toEqual([]);
  });

  it("promotes a User with addOwners, demotes an Owner with removeOwners, and repeats both unchanged", async () => {
    const { organization, owner, member } = await build.organization();
    const changed = "Organization updated; people: 1 changed";
    const unchanged = "Organization updated; people: 1 unchanged";
    for (const message of [changed, unchanged])
      expect((await update(owner, organization.id, { addOwners: [member.email] })).message).toBe(message);
    expect((await update(owner, organization.id, { addUsers: [member.id] })).message).toBe(unchanged);
    expect(await rolesIn(organization.id)).toMatchObject({ [member.id]: "ORGANIZATION_OWNER" });
    for (const message of [changed, unchanged])
      expect((await update(owner, organization.id, { removeOwners: [member.id] })).message).toBe(message);
    expect(await rolesIn(organization.id)).toMatchObject({ [member.id]: "ORGANIZATION_USER" });
  });

  it("takes access away from the next request on, and keeps the session", async () => {
    const { organization, owner, member } = await build.organization();
    const seen = async () =>
      (await alpha(member).send(`{ organizations(orgId: "${organization.id}") { id } }`)).data.organizations;
    expect(await seen()).toHaveLength(1);
    await update(owner, organization.id, { removeUsers: [member.email] });
    expect(await seen()).toEqual([]);
    expect((await as(member).send("{ self { user { id } } }")).data.self.user.id).toBe(member.id);
    expect(await db.user.count({ where: { id: member.id } })).toBe(1);
  });

  it("keeps the last Owner, who can be replaced in one call", async () => {
    const { organization, owner, member } = await build.organization();
    for (const list of ["removeOwners", "removeUsers"]) {
      for (const someone of [owner, systemAdmin])
        expect(await update(someone, organization.id, { [list]: [owner.id] })).toMatchObject({
          message: `${list}.0: this is the last Organization Owner; grant the role to another user first`,
          code: "CONFLICT",
        });
    }
    const given = { removeUsers: [owner.email], addOwners: [member.email] };
    expect((await update(owner, organization.id, given)).success).toBe(true);
    expect(await rolesIn(organization.id)).toEqual({ [member.id]: "ORGANIZATION_OWNER" });
  });

  it("keeps one Owner when all ten leave at the same time", { timeout: 60_000 }, async () => {
    const { organization, owner } = await build.organization();
    const roles = [{ role: "ORGANIZATION_OWNER", organizationId: organization.id }] as const;
    const others = await Promise.all(Array.from({ length: 9 }, () => build.user({ roles: [...roles] })));
    const answers = await Promise.all(
      [owner, ...others].map((one, n) =>
        update(one, organization.id, { [n % 2 ? "removeOwners" : "removeUsers"]: [one.id] }),
      ),
    );
    expect(answers.filter(({ success }) => success)).toHaveLength(9);
    expect(answers.filter(({ code }) => code === "CONFLICT")).toHaveLength(1);
    const left = Object.values(await rolesIn(organization.id)).filter((role) => role === "ORGANIZATION_OWNER");
    expect(left).toHaveLength(1);
  });

  it("adds a person once for ten concurrent requests", async () => {
    const { organization, owner, outsider } = await build.organization();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => update(owner, organization.id, { addUsers: [outsider.email] })),
    );
    expect(answers.filter(({ message }) => message.endsWith("1 added"))).toHaveLength(1);
    expect(answers.every(({ success }) => success)).toBe(true);
    expect(await rolesIn(organization.id)).toMatchObject({ [outsider.id]: "ORGANIZATION_USER" });
  });

  it("makes all changes of a call or none", async () => {
    const { organization, owner, member, outsider } = await build.organization();
    const { organization: other } = await build.organization();
    const before = await rolesIn(organization.id);
    const people = { addUsers: [outsider.email, "new@example.com"], removeUsers: [member.id] };
    for (const [given, code] of [
      [{ name: other.name }, "CONFLICT"],
      [{ name: newName(), addOwners: ["unknown"] }, "NOT_FOUND"],
      [{ name: newName(), removeOwners: [owner.id] }, "CONFLICT"],
    ] as const) {
      expect(await update(owner, organization.id, { ...people, ...given })).toMatchObject({ success: false, code });
      expect(await rolesIn(organization.id)).toEqual(before);
    }
    expect((await db.organization.findUniqueOrThrow({ where: { id: organization.id } })).name).toBe(organization.name);
    expect(await auditOf(organization.id)).toEqual([]);
    expect(await db.user.count({ where: { username: "new@example.com" } })).toBe(0);
    await mailbox.settled(db);
    expect(await mailbox.mails("join", "new@example.com")).toEqual([]);
  });

  it("reports a name that is in use", async () => {
    const [{ organization, owner }, { organization: other }] = [await build.organization(), await build.organization()];
    expect(await update(owner, organization.id, { name: other.name })).toMatchObject({
      message: "name: is already in use by another Organization",
      code: "CONFLICT",
    });
  });

  it("is for Owners and System Admins only", async () => {
    const { organization, owner, member, outsider } = await build.organization();
    const { owner: stranger } = await build.organization();
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const key = (role: "ORGANIZATION_USER" | "ORGANIZATION_ROUTER") =>
      build.serviceAccount({ role, organizationId: organization.id });
    const foreign = "organization: you do not belong to this Organization";
    const calls = [
      { name: newName() },
      { billingEmail: "b@example.com" },
      { addUsers: [outsider.email] },
      { removeUsers: [member.id] },
      { addOwners: [member.id] },
      { removeOwners: [owner.id] },
      { delete: true },
      {},
    ];
    const before = await rolesIn(organization.id);
    for (const given of calls) {
      for (const someone of [member, await key("ORGANIZATION_USER"), await key("ORGANIZATION_ROUTER")])
        expect(await update(someone, organization.id, given)).toMatchObject({ message: DENIED, code: "FORBIDDEN" });
      for (const someone of [outsider, stranger])
        for (const id of [organization.id, "unknown"])
          expect(await update(someone, id, given)).toMatchObject({ message: foreign, code: "FORBIDDEN" });
      expect(await update(editor, organization.id, given)).toMatchObject({ code: "FORBIDDEN" });
      for (const someone of [undefined, { token: "nonsense" }])
        expect(await update(someone, organization.id, given)).toMatchObject({
          message: DENIED,
          code: "UNAUTHENTICATED",
        });
    }
    expect(await rolesIn(organization.id)).toEqual(before);
  });

  it("is open to the API key of an Owner, and to System Admins in every Organization", async () => {
    const { organization, member, outsider } = await build.organization();
    const key = await build.serviceAccount({ role: "ORGANIZATION_OWNER", organizationId: organization.id });
    expect((await update(key, organization.id, { addOwners: [member.id] })).success).toBe(true);
    const [entry] = await auditOf(organization.id);
    expect(entry?.actor).toBe(`serviceAccount:${key.id}`);
    for (const id of [organization.id, DEFAULT_ORGANIZATION]) {
      expect((await update(systemAdmin, id, { addOwners: [outsider.id] })).success).toBe(true);
      expect(await rolesIn(id)).toMatchObject({ [outsider.id]: "ORGANIZATION_OWNER" });
    }
    expect(await update(outsider, DEFAULT_ORGANIZATION, { addUsers: [member.id] })).toMatchObject({ success: true });
  });

  it("requires the header organization, and an orgId that agrees with it", async () => {
    const { organization, owner } = await build.organization();
    const name = newName();
    for (const header of [undefined, "", " "])
      expect(await update(owner, header, { name })).toMatchObject({
        message: "organization: is required: send the ID of the Organization in the header `organization`",
        code: "BAD_USER_INPUT",
      });
    expect(await update(owner, organization.id, { name, orgId: DEFAULT_ORGANIZATION })).toMatchObject({
      message: "orgId: must be the ID of the Organization in the header `organization`",
      code: "BAD_USER_INPUT",
    });
    expect(await update(systemAdmin, "unknown", { name })).toMatchObject({ code: "NOT_FOUND" });
  });

  it("counts empty arguments as omitted, and requires one", async () => {
    const { organization, owner } = await build.organization();
    const empty = { name: "", billingEmail: "", addUsers: [], removeUsers: null, delete: false };
    for (const given of [{}, empty])
      expect(await update(owner, organization.id, given)).toMatchObject({
        message: "name, billingEmail, addOwners, addUsers, removeOwners, removeUsers, delete: one of them is required",
        code: "BAD_USER_INPUT",
      });
    const name = newName();
    expect((await update(owner, organization.id, { ...empty, name })).success).toBe(true);
  });

  it("names only the length of a billing address that is too long", async () => {
    const { organization, owner } = await build.organization();
    const billingEmail = `${"b".repeat(250)}@example.com`;
    const { message } = await update(owner, organization.id, { billingEmail });
    expect(message).toBe("billingEmail: must be an e-mail address of at most 254 characters");
  });

  const many = Array.from({ length: 101 }, (_, n) => `person${n}@example.com`);
  it.each([
    [{ name: "x".repeat(51) }, "name: must be a string of 1 to 50 characters"],
    [{ name: "a\u202eb" }, "name: must not contain line breaks, invisible characters"],
    [{ billingEmail: "nobody" }, "billingEmail: must be an e-mail address"],
    [{ addUsers: ["a@b@c"] }, "addUsers.0: must be an e-mail address or the ID of a user"],
    [{ addUsers: ["ada@example.com", " "] }, "addUsers.1: must be an e-mail address or the ID of a user"],
    [{ addOwners: [`${"x".repeat(250)}@example.com`] }, "addOwners.0: must be an e-mail address"],
    [{ removeUsers: ["nul\u0000@example.com"] }, "removeUsers.0: must not contain a NUL character"],
    [{ removeUsers: ["nobody@example.com"] }, "removeUsers.0: is not in the Organization"],
    [{ removeOwners: ["unknown"] }, "removeOwners.0: is not in the Organization"],
    [{ addUsers: ["unknown"] }, "addUsers.0: unknown user"],
    [{ addUsers: many }, "addUsers: must be a list of at most 100 people"],
    [{ addUsers: many.slice(0, 60), addOwners: many.slice(60) }, "addUsers.59: a call may name at most 100 people"],
    [{ addUsers: ["ada@example.com", "ADA@example.com"] }, "addUsers.1: is the same person as addUsers.0"],
    [{ addUsers: ["a@example.com"], addOwners: ["a@example.com"] }, "addUsers.0: is the same person as addOwners.0"],
    [
      { addUsers: ["a@example.com"], removeUsers: ["a@example.com"] },
      "removeUsers.0: is the same person as addUsers.0",
    ],
    [{ removeOwners: ["x"], removeUsers: ["x"] }, "removeUsers.0: is the same person as removeOwners.0"],
    [{ delete: true, name: "Other", addUsers: ["x"] }, "delete: cannot be combined with name, addUsers"],
  ])("names what is wrong with %j", async (given, message) => {
    const { organization, owner } = await build.organization();
    const before = await rolesIn(organization.id);
    const answer = await update(owner, organization.id, given);
    expect(answer).toMatchObject({ success: false, id: null });
    expect(answer.message.startsWith(message), answer.message).toBe(true);
    expect(["BAD_USER_INPUT", "NOT_FOUND"]).toContain(answer.code);
    expect(await rolesIn(organization.id)).toEqual(before);
  });

  it("names a person given by address and by ID", async () => {
    const { organization, owner, outsider } = await build.organization();
    expect(
      await update(owner, organization.id, { addUsers: [outsider.id], removeUsers: [outsider.email] }),
    ).toMatchObject({
      message: "removeUsers.0: is the same person as addUsers.0",
      code: "BAD_USER_INPUT",
    });
  });
});

describe("updateOrganization with limited permissions", () => {
  it("grants only what the caller holds", async () => {
    const limited = await testHouston({
      roles: { ORGANIZATION_USER: { permissions: { "organization.iam.update": true } } },
    });
    const { organization, owner, member, outsider } = await limited.build.organization();
    const send = async (given: Record<string, unknown>) =>
      (await createAlpha(limited.url)(member, { organization: organization.id }).send(UPDATE, given)).data
        .updateOrganization;
    expect(await send({ addUsers: [outsider.email] })).toMatchObject({ success: true });
    const denied = { success: false, message: DENIED, code: "FORBIDDEN" };
    expect(await send({ addOwners: [member.id] })).toMatchObject(denied);
    expect(await send({ removeUsers: [owner.id] })).toMatchObject(denied);
    expect(await send({ removeOwners: [owner.id] })).toMatchObject(denied);
    expect(await send({ name: "Mine", addUsers: [outsider.email] })).toMatchObject(denied);
    expect(await send({ delete: true })).toMatchObject(denied);
    expect(await send({ removeUsers: [outsider.email] })).toMatchObject({ success: true });
  });
});

describe("updateOrganization with delete", () => {
  it("deletes the Organization with its roles, API keys, Applications, Connections and Integrations", async () => {
    const { organization, owner, member } = await build.organization();
    const organizationId = organization.id;
    const key = await build.serviceAccount({ role: "ORGANIZATION_ROUTER", organizationId });
    const name = "Site";
    const application = { id: `a${"0".repeat(20)}`, organizationId, name, platform: "server" };
    await db.application.create({ data: application });
    const details = { name, integrationCode: "webhook", connectionPrototypeId: "webhook", details: "sealed" };
    const connection = await db.connection.create({ data: { organizationId, ...details } });
    const integration = {
      applicationId: application.id,
      connectionId: connection.id,
      name,
      integrationCode: "webhook",
    };
    await db.integration.create({ data: integration });

    expect(await update(owner, organizationId, { delete: true, orgId: organizationId })).toEqual({
      success: true,
      message: "Organization deleted",
      id: organizationId,
      code: null,
    });
    expect(await db.organization.count({ where: { id: organizationId } })).toBe(0);
    expect(await rolesIn(organizationId)).toEqual({});
    const rest = [db.application, db.connection, db.serviceAccount].map((table) =>
      (table.count as (given: object) => Promise<number>)({ where: { organizationId } }),
    );
    expect(await Promise.all([...rest, db.integration.count()])).toEqual([0, 0, 0, 0]);
    expect(await db.user.count({ where: { id: { in: [owner.id, member.id] } } })).toBe(2);
    const { errors } = await alpha(key).send("{ organizations { id } }");
    expect(errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    expect(await update(owner, organizationId, { delete: true })).toMatchObject({ code: "FORBIDDEN" });
    expect(await auditOf(organizationId)).toMatchObject([
      { action: "updateOrganization", actor: `user:${owner.id}`, detail: { name: organization.name, deleted: true } },
    ]);
  });

  it("is a conflict while the Organization owns Workspaces or clusters", async () => {
    const { organization, owner } = await build.organization();
    const organizationId = organization.id;
    const workspace = await db.workspace.create({ data: { label: newName(), organizationId } });
    const cluster = await db.cluster.create({ data: { name: newName(), organizationId } });
    const remaining = async (owned: string, them = "them") =>
      expect(await update(owner, organizationId, { delete: true })).toMatchObject({
        message: `delete: the Organization still owns ${owned}; delete ${them} first`,
        code: "CONFLICT",
      });
    await remaining("1 Workspace and 1 cluster");
    await db.cluster.delete({ where: { id: cluster.id } });
    await remaining("1 Workspace", "it");
    await db.workspace.create({ data: { label: newName(), organizationId } });
    await remaining("2 Workspaces");
    await db.workspace.deleteMany({ where: { organizationId } });
    expect(workspace.organizationId).toBe(organizationId);
    expect((await update(owner, organizationId, { delete: true })).success).toBe(true);
  });

  it("is a conflict for the default Organization", async () => {
    expect(await update(systemAdmin, DEFAULT_ORGANIZATION, { delete: true })).toMatchObject({
      message: "delete: the default Organization cannot be deleted",
      code: "CONFLICT",
    });
  });
});

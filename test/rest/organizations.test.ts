import { describe, expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { testHouston } from "../support/houston.ts";
import { createRest } from "../support/restCalls.ts";
import { HOME, secondOrganization } from "./secondOrganization.ts";

const { as, build, db, url } = await testHouston();
const rest = createRest(url);

const stored = (id: string) => db.organization.findUniqueOrThrow({ where: { id } });
const auditOf = (entityId: string) => db.auditEntry.findMany({ where: { entityId }, orderBy: { createdAt: "asc" } });
const DENIED = { message: "You do not have the appropriate permissions for that" };
const billingEmail = "billing@example.com";
const update = (name: string) => ({ name, billingEmail, isScimEnabled: false });
let names = 0;
const newName = () => `Organization ${++names}`;
const systemAdmin = await build.systemAdmin();
const anyone = await build.user();

/** What the Platform API shows of a new Organization, apart from who made it. */
const shown = (id: string, name: string) => ({
  id,
  name,
  isScimEnabled: false,
  product: "HOSTED",
  supportPlan: "BASIC",
  productPlans: [{ astronomerProduct: "ASTRO", organizationId: id, productPlanId: "basic", productPlanName: "BASIC" }],
  status: "ACTIVE",
  managedDomains: [],
  allowEnhancedSupportAccess: false,
  shouldEnforceDedicatedClusters: false,
  createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
});

describe("createOrganization", () => {
  it("creates one without Workspaces, and records who did", async () => {
    const name = newName();
    const { status, body } = await rest(systemAdmin).post("/organizations", { name: ` ${name} `, billingEmail });
    const subject = { id: systemAdmin.id, subjectType: "USER", username: systemAdmin.email, fullName: "Test Person" };
    expect([status, body]).toEqual([
      200,
      { ...shown(body.id, name), billingEmail, createdBy: subject, updatedBy: subject },
    ]);
    const actor = `user:${systemAdmin.id}`;
    expect(await stored(body.id)).toMatchObject({ name, billingEmail, createdBy: actor, updatedBy: actor });
    expect(await auditOf(body.id)).toMatchObject([
      { action: "createOrganization", entityType: "Organization", actor, detail: { name } },
    ]);
    expect((await rest(systemAdmin).get(`/organizations/${body.id}/workspaces`)).body.totalCount).toBe(0);
  });

  it("names the service account that creates it", async () => {
    const account = await build.serviceAccount({ role: "SYSTEM_ADMIN", label: "CI" });
    const { body } = await rest(account).post("/organizations", { name: newName() });
    expect(body).toMatchObject({
      billingEmail: "",
      createdBy: { id: account.id, subjectType: "SERVICEKEY", apiTokenName: "CI" },
    });
    await db.serviceAccount.delete({ where: { id: account.id } });
    const later = (await rest(systemAdmin).get(`/organizations/${body.id}`)).body;
    expect(later.createdBy).toEqual({ id: account.id, subjectType: "SERVICEKEY" });
  });

  it.each([
    [{}, "name: is required and must be a string of 1 to 50 characters"],
    [{ name: " " }, "name: must be a string of 1 to 50 characters"],
    [{ name: "x".repeat(51) }, "name: must be a string of 1 to 50 characters"],
    [{ name: 1 }, "name: must be a string of 1 to 50 characters"],
    [{ name: "x", billingEmail: "nobody" }, "billingEmail: must be an e-mail address or empty"],
    [{ name: "x", billingEmail: null }, "billingEmail: must be an e-mail address or empty"],
    [{ name: "x", id: "x" }, "id: is not a known field"],
  ])("rejects %j by name and stores nothing", async (given, message) => {
    const before = await db.organization.count();
    const { status, body } = await rest(systemAdmin).post("/organizations", given);
    expect([status, body.message]).toEqual([400, message]);
    expect(await db.organization.count()).toBe(before);
  });

  it("creates one of 20 Organizations of the same name at once", async () => {
    const name = newName();
    const create = () => rest(systemAdmin).post("/organizations", { name });
    const answers = await Promise.all(Array.from({ length: 20 }, create));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(400)]);
    expect(answers.find(({ status }) => status === 400)?.body).toMatchObject({
      message: "name: is already in use by another Organization",
      fieldErrors: [{ code: "CONFLICT", field: "name" }],
    });
    expect(await db.organization.count({ where: { name } })).toBe(1);
  });

  it("denies everyone else", async () => {
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const statusFor = async (someone: { token: string } | undefined, body: unknown = { name: newName() }) =>
      (await rest(someone).post("/organizations", body)).status;
    expect([await statusFor(editor), await statusFor(anyone), await statusFor(undefined)]).toEqual([403, 403, 401]);
    expect([await statusFor(editor, {}), await statusFor(undefined, {})]).toEqual([403, 401]);
  });
});

describe("getOrganization", () => {
  it("shows the default one to everyone, service accounts included", async () => {
    const { workspace } = await build.workspace();
    const account = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    for (const someone of [anyone, account]) {
      const { status, body } = await rest(someone).get(HOME);
      const by = { createdBy: { id: "houston" }, updatedBy: { id: "houston" } };
      expect([status, body]).toEqual([200, { ...shown(DEFAULT_ORGANIZATION, "Default"), ...by }]);
    }
    expect((await rest(undefined).get(HOME)).status).toBe(401);
  });

  it("shows billingEmail to those who may change it only", async () => {
    const { organization, home, path } = await secondOrganization(db, build);
    await db.organization.update({ where: { id: organization.id }, data: { billingEmail } });
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    for (const someone of [systemAdmin, await build.serviceAccount({ role: "SYSTEM_ADMIN" })])
      expect((await rest(someone).get(path)).body.billingEmail).toBe(billingEmail);
    for (const someone of [editor, home.admin]) {
      const { status, body } = await rest(someone).get(path);
      expect([status, "billingEmail" in body]).toEqual([200, false]);
      const list = (await rest(someone).get("/organizations")).body.organizations;
      expect(list.some((one: object) => "billingEmail" in one)).toBe(false);
    }
  });

  it("answers the same for isLookUpOnly, and rejects other parameters", async () => {
    const [plain, lookUp] = [await rest(anyone).get(HOME), await rest(anyone).get(`${HOME}?isLookUpOnly=true`)];
    expect([lookUp.status, lookUp.body]).toEqual([200, plain.body]);
    for (const [query, message] of [
      ["isLookUpOnly=yes", "isLookUpOnly: must be true or false"],
      ["isLookUpOnly=true&isLookUpOnly=true", "isLookUpOnly: must be true or false"],
      ["lookUpOnly=true", "lookUpOnly: is not a known field"],
    ]) {
      const { status, body } = await rest(anyone).get(`${HOME}?${query}`);
      expect([status, body.message]).toEqual([400, message]);
    }
  });

  it("belongs to holders of a role in it: by user, team or service account, on a Workspace or a Deployment", async () => {
    const { organization, workspace, inside, path } = await secondOrganization(db, build);
    const onWorkspace = { role: "WORKSPACE_VIEWER", workspaceId: workspace.id } as const;
    const onDeployment = { role: "DEPLOYMENT_VIEWER", deploymentId: inside.deployment.id } as const;
    const members = [
      await build.user({ roles: [onWorkspace] }),
      await build.user({ roles: [onDeployment] }),
      (await build.team({ roles: [onWorkspace] })).member,
      (await build.team({ roles: [onDeployment] })).member,
      await build.serviceAccount(onWorkspace),
      await build.serviceAccount(onDeployment),
      await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] }),
    ];
    for (const member of members) {
      expect((await rest(member).get(path)).body).toMatchObject({ id: organization.id });
      expect((await rest(member).get(`${path}/workspaces`)).status).toBe(200);
      const { organizations } = (await rest(member).get("/organizations?limit=1000")).body;
      expect(organizations.map(({ id }: { id: string }) => id)).toContain(organization.id);
    }
    const elsewhere = await build.workspace();
    const strangers = [
      anyone,
      elsewhere.admin,
      await build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: elsewhere.workspace.id }),
    ];
    for (const stranger of strangers) {
      for (const below of ["", "/workspaces", `/workspaces/${workspace.id}`]) {
        const { status, body } = await rest(stranger).get(`${path}${below}`);
        expect([status, body]).toMatchObject([403, DENIED]);
      }
      const { organizations } = (await rest(stranger).get("/organizations?limit=1000")).body;
      expect(organizations.map(({ id }: { id: string }) => id)).toEqual([DEFAULT_ORGANIZATION]);
    }
  });

  it("ends with the last role in it", async () => {
    const { home, path } = await secondOrganization(db, build);
    expect((await rest(home.viewer).get(path)).status).toBe(200);
    await db.roleBinding.deleteMany({ where: { userId: home.viewer.id } });
    expect((await rest(home.viewer).get(path)).status).toBe(403);
  });

  it("tells only system roles that one does not exist", async () => {
    expect((await rest(anyone).get("/organizations/nowhere")).status).toBe(403);
    const { status, body } = await rest(systemAdmin).get("/organizations/nowhere");
    expect([status, body]).toMatchObject([
      404,
      {
        message: "Organization not found: unknown organizationId",
        fieldErrors: [{ code: "NOT_FOUND", field: "organizationId" }],
      },
    ]);
    // 404 is not among the answers of a list.
    expect((await rest(systemAdmin).get("/organizations/nowhere/workspaces")).status).toBe(403);
  });
});

describe("updateOrganization", () => {
  it("changes everything given, and records who did", async () => {
    const { organization, path } = await secondOrganization(db, build);
    const name = newName();
    const given = {
      ...{ name, billingEmail, isScimEnabled: true },
      ...{ allowEnhancedSupportAccess: true, shouldEnforceDedicatedClusters: true },
    };
    const { status, body } = await rest(systemAdmin).post(path, given);
    expect([status, body]).toMatchObject([200, { ...given, id: organization.id, updatedBy: { id: systemAdmin.id } }]);
    const row = await stored(organization.id);
    expect(row).toMatchObject({ ...given, createdBy: null, updatedBy: `user:${systemAdmin.id}` });
    expect(row.updatedAt.getTime()).toBeGreaterThan(organization.updatedAt.getTime());
    expect(body.updatedAt).toBe(row.updatedAt.toISOString());
    expect(await auditOf(organization.id)).toMatchObject([{ action: "updateOrganization", detail: given }]);
  });

  it("keeps what is omitted, and takes an empty billingEmail", async () => {
    const { organization, path } = await secondOrganization(db, build);
    const data = { allowEnhancedSupportAccess: true, shouldEnforceDedicatedClusters: true, billingEmail };
    await db.organization.update({ where: { id: organization.id }, data });
    const { body } = await rest(systemAdmin).post(path, { ...update(organization.name), billingEmail: "" });
    const kept = { allowEnhancedSupportAccess: true, shouldEnforceDedicatedClusters: true, billingEmail: "" };
    expect(body).toMatchObject(kept);
    expect(await stored(organization.id)).toMatchObject(kept);
  });

  it("renames the default one, also in its Workspaces", async () => {
    const { workspace, admin } = await build.workspace();
    expect((await rest(systemAdmin).post(HOME, update("Acme"))).body.name).toBe("Acme");
    expect((await rest(admin).get(`${HOME}/workspaces/${workspace.id}`)).body.organizationName).toBe("Acme");
    await rest(systemAdmin).post(HOME, { ...update("Default"), billingEmail: "" });
  });

  it.each([
    [{ billingEmail, isScimEnabled: false }, "name"],
    [{ name: "x", isScimEnabled: false }, "billingEmail"],
    [{ name: "x", billingEmail }, "isScimEnabled"],
    [{ ...update("x"), isScimEnabled: "false" }, "isScimEnabled"],
    [{ ...update("x"), allowEnhancedSupportAccess: 1 }, "allowEnhancedSupportAccess"],
    [{ ...update("x"), shouldEnforceDedicatedClusters: null }, "shouldEnforceDedicatedClusters"],
    [{ ...update("x"), billingEmail: "a b@example.com" }, "billingEmail"],
    [{ ...update("x".repeat(51)) }, "name"],
    [{ ...update("x"), supportPlan: "BASIC" }, "supportPlan"],
  ])("rejects %j by name", async (given, field) => {
    const { organization, path } = await secondOrganization(db, build);
    const { status, body } = await rest(systemAdmin).post(path, given);
    expect([status, body.fieldErrors[0].field]).toEqual([400, field]);
    expect(await stored(organization.id)).toEqual(organization);
  });

  it("rejects a name in use", async () => {
    const { path } = await secondOrganization(db, build);
    const { status, body } = await rest(systemAdmin).post(path, update("Default"));
    expect([status, body.message]).toEqual([400, "name: is already in use by another Organization"]);
  });

  it("denies everyone but System Admins, members included", async () => {
    const { organization, home, path } = await secondOrganization(db, build);
    const statusFor = async (someone: { token: string } | undefined, at = path) =>
      (await rest(someone).post(at, update("x"))).status;
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    expect([await statusFor(home.admin), await statusFor(editor), await statusFor(anyone)]).toEqual([403, 403, 403]);
    expect([await statusFor(undefined), await statusFor(anyone, "/organizations/nowhere")]).toEqual([401, 403]);
    expect(await statusFor(systemAdmin, "/organizations/nowhere")).toBe(404);
    expect(await stored(organization.id)).toEqual(organization);
  });
});

describe("GraphQL", () => {
  it("shows the Workspaces of every Organization to those who hold a role there", async () => {
    const { workspace, home } = await secondOrganization(db, build);
    const { data } = await as(home.viewer).send("{ workspaces { id } }");
    expect(data.workspaces).toEqual([{ id: workspace.id }]);
  });
});

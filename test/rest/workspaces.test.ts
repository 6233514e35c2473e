import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { testHouston } from "../support/houston.ts";
import { createRest } from "../support/restCalls.ts";
import { HOME, secondOrganization } from "./secondOrganization.ts";

const { as, build, db, url } = await testHouston({ deployments: { upsertDeploymentEnabled: true } });
const rest = createRest(url);

const LIST = `${HOME}/workspaces`;
const one = (id: string) => `${LIST}/${id}`;
const update = (name: string) => ({ name, description: "", cicdEnforcedDefault: false });
const stored = (id: string) => db.workspace.findUniqueOrThrow({ where: { id } });
const auditOf = (entityId: string) => db.auditEntry.findMany({ where: { entityId }, orderBy: { createdAt: "asc" } });
let names = 0;
const newName = () => `Name ${++names}`;

const DENIED = { message: "You do not have the appropriate permissions for that" };
const unknown = {
  message: "Workspace not found: unknown workspaceId",
  fieldErrors: [{ code: "NOT_FOUND", field: "workspaceId" }],
};

describe("createWorkspace", () => {
  it("creates a Workspace with everything given, and its author becomes its Admin", async () => {
    const user = await build.user();
    const name = newName();
    const { status, body } = await rest(user).post(LIST, { name, description: "Blue", cicdEnforcedDefault: true });
    expect(status).toBe(200);
    const subject = { id: user.id, subjectType: "USER", username: user.email, fullName: "Test Person" };
    expect(body).toEqual({
      id: body.id,
      organizationId: DEFAULT_ORGANIZATION,
      organizationName: "Default",
      name,
      description: "Blue",
      cicdEnforcedDefault: true,
      createdAt: body.updatedAt,
      updatedAt: body.updatedAt,
      createdBy: subject,
      updatedBy: subject,
    });
    expect(await stored(body.id)).toMatchObject({
      organizationId: DEFAULT_ORGANIZATION,
      label: name,
      description: "Blue",
      cicdEnforcedDefault: true,
      createdBy: `user:${user.id}`,
      updatedBy: `user:${user.id}`,
      createdAt: new Date(body.createdAt),
    });
    expect(await db.roleBinding.findMany({ where: { workspaceId: body.id } })).toMatchObject([
      { userId: user.id, role: "WORKSPACE_ADMIN" },
    ]);
    expect(await auditOf(body.id)).toMatchObject([
      { action: "createWorkspace", actor: `user:${user.id}`, workspaceId: body.id, detail: { label: name } },
    ]);
  });

  it("gives defaults to what is omitted, and trims", async () => {
    const name = newName();
    const { body } = await rest(await build.user()).post(LIST, { name: `  ${name} ` });
    expect(body).toMatchObject({ name, description: "", cicdEnforcedDefault: false });
    expect(await stored(body.id)).toMatchObject({ label: name, description: "", cicdEnforcedDefault: false });
  });

  it("names the service account that creates it, which gets no role there", async () => {
    const account = await build.serviceAccount({ role: "SYSTEM_ADMIN", label: "CI" });
    const { body } = await rest(account).post(LIST, { name: newName() });
    expect(body.createdBy).toEqual({ id: account.id, subjectType: "SERVICEKEY", apiTokenName: "CI" });
    expect(await stored(body.id)).toMatchObject({ createdBy: `serviceAccount:${account.id}` });
    expect(await db.roleBinding.count({ where: { workspaceId: body.id } })).toBe(0);
  });

  it.each([
    [{}, "name: is required and must be a string of 1 to 50 characters"],
    [{ name: "" }, "name: must be a string of 1 to 50 characters"],
    [{ name: "   " }, "name: must be a string of 1 to 50 characters"],
    [{ name: "x".repeat(51) }, "name: must be a string of 1 to 50 characters"],
    [{ name: 7 }, "name: must be a string of 1 to 50 characters"],
    [{ name: null }, "name: must be a string of 1 to 50 characters"],
    [{ name: "x", description: 1 }, "description: must be a string of at most 1,000 characters"],
    [{ name: "x", description: "x".repeat(1001) }, "description: must be a string of at most 1,000 characters"],
    [{ name: "x", description: null }, "description: must be a string of at most 1,000 characters"],
    [{ name: "x", cicdEnforcedDefault: "true" }, "cicdEnforcedDefault: must be true or false"],
    [{ name: "x", label: "x" }, "label: is not a known field"],
    [{ name: "x", organizationId: "x" }, "organizationId: is not a known field"],
    [{ name: "x", workspaceId: "x", a: { b: 1 } }, "workspaceId: is not a known field; a: is not a known field"],
    [{ name: "a\u200b" }, "name: must"],
  ])("rejects %j by name and stores nothing", async (given, message) => {
    const before = await db.workspace.count();
    const { status, body } = await rest(await build.user()).post(LIST, given);
    expect([status, body.statusCode]).toEqual([400, 400]);
    expect(body.message).toContain(message);
    expect(body.fieldErrors[0].field).toBe(message.split(":")[0]);
    expect(await db.workspace.count()).toBe(before);
  });

  it("takes 50 characters, however many bytes they have", async () => {
    const { status, body } = await rest(await build.user()).post(LIST, { name: `${"é".repeat(49)}x` });
    expect([status, body.name]).toEqual([200, `${"é".repeat(49)}x`]);
  });

  it("rejects a name that is in use, in this Organization or another", async () => {
    const second = await secondOrganization(db, build);
    for (const name of [(await build.workspace()).workspace.label, second.workspace.label]) {
      const { status, body } = await rest(await build.systemAdmin()).post(LIST, { name });
      const message = "is already in use by another Workspace";
      expect([status, body]).toMatchObject([
        400,
        { message: `name: ${message}`, fieldErrors: [{ code: "CONFLICT", field: "name", message }] },
      ]);
    }
  });

  it("creates one of 20 Workspaces of the same name at once", async () => {
    const user = await build.user();
    const name = newName();
    const answers = await Promise.all(Array.from({ length: 20 }, () => rest(user).post(LIST, { name })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(400)]);
    const [row, ...others] = await db.workspace.findMany({ where: { label: name } });
    expect(others).toEqual([]);
    expect(await auditOf(row?.id ?? "")).toHaveLength(1);
    expect(await db.roleBinding.count({ where: { workspaceId: row?.id ?? "" } })).toBe(1);
  });

  it("creates in the Organization of the path, for its members and System Admins", async () => {
    const second = await secondOrganization(db, build);
    const list = `${second.path}/workspaces`;
    const { status, body } = await rest(second.home.viewer).post(list, { name: newName() });
    expect([status, body]).toMatchObject([
      200,
      { organizationId: second.organization.id, organizationName: second.organization.name },
    ]);
    expect(await stored(body.id)).toMatchObject({ organizationId: second.organization.id });
    expect((await rest(await build.systemAdmin()).post(list, { name: newName() })).status).toBe(200);
    const stranger = await rest(await build.user()).post(list, { name: newName() });
    expect([stranger.status, stranger.body]).toMatchObject([403, DENIED]);
  });

  it("denies service accounts below the system, anonymous callers and unknown Organizations", async () => {
    const { workspace } = await build.workspace();
    const account = await build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: workspace.id });
    const before = await db.workspace.count();
    const given = { name: newName() };
    expect((await rest(account).post(LIST, given)).status).toBe(403);
    expect((await rest(undefined).post(LIST, given)).status).toBe(401);
    expect((await rest(await build.user()).post("/organizations/nowhere/workspaces", given)).status).toBe(403);
    const { status, body } = await rest(await build.systemAdmin()).post("/organizations/nowhere/workspaces", given);
    expect([status, body.message]).toEqual([404, "Organization not found: unknown organizationId"]);
    expect(await db.workspace.count()).toBe(before);
  });
});

describe("getWorkspace", () => {
  it("shows it to its members, through teams too, and to system roles", async () => {
    const { workspace, viewer } = await build.workspace({ description: "Blue" });
    const roles = [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id } as const];
    const { member } = await build.team({ roles });
    const account = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    const system = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
    for (const someone of [viewer, member, account, system]) {
      const { status, body } = await rest(someone).get(one(workspace.id));
      expect([status, body]).toEqual([
        200,
        {
          id: workspace.id,
          organizationId: DEFAULT_ORGANIZATION,
          organizationName: "Default",
          name: workspace.label,
          description: "Blue",
          cicdEnforcedDefault: false,
          createdAt: workspace.createdAt.toISOString(),
          updatedAt: workspace.updatedAt.toISOString(),
          createdBy: { id: "houston" },
          updatedBy: { id: "houston" },
        },
      ]);
    }
  });

  it("does not exist for members of the Organization who cannot see it", async () => {
    const { workspace, outsider } = await build.workspace();
    const other = await build.deployment({ workspaceId: workspace.id });
    // A role on a Deployment does not show the Workspace.
    for (const someone of [outsider, other.admin]) {
      const { status, body } = await rest(someone).get(one(workspace.id));
      expect([status, body]).toMatchObject([404, unknown]);
    }
    expect((await rest(outsider).get(one("nowhere"))).status).toBe(404);
    expect((await rest(undefined).get(one(workspace.id))).status).toBe(401);
    const bad = await rest(await build.systemAdmin()).get(`${one(workspace.id)}?label=x`);
    expect([bad.status, bad.body.message]).toEqual([400, "label: is not a known field"]);
  });

  it("is not reached through the path of another Organization", async () => {
    const second = await secondOrganization(db, build);
    const { workspace, admin } = await build.workspace();
    const systemAdmin = await build.systemAdmin();
    const both = await build.user({
      roles: [
        { role: "WORKSPACE_ADMIN", workspaceId: workspace.id },
        { role: "WORKSPACE_ADMIN", workspaceId: second.workspace.id },
      ],
    });
    for (const someone of [systemAdmin, both]) {
      for (const path of [one(second.workspace.id), `${second.path}/workspaces/${workspace.id}`]) {
        const answers = await Promise.all([
          rest(someone).get(path),
          rest(someone).post(path, update(newName())),
          rest(someone).delete(path),
        ]);
        for (const { status, body } of answers) expect([status, body]).toMatchObject([404, unknown]);
      }
    }
    expect((await rest(admin).get(`${second.path}/workspaces/${workspace.id}`)).status).toBe(403);
    expect(await db.workspace.count({ where: { id: { in: [workspace.id, second.workspace.id] } } })).toBe(2);
  });
});

describe("updateWorkspace", () => {
  it("changes everything given, and records who did", async () => {
    const { workspace, admin } = await build.workspace();
    const name = newName();
    const given = { name: ` ${name} `, description: " Blue ", cicdEnforcedDefault: true };
    const { status, body } = await rest(admin).post(one(workspace.id), given);
    expect([status, body]).toMatchObject([
      200,
      { id: workspace.id, name, description: "Blue", cicdEnforcedDefault: true, updatedBy: { id: admin.id } },
    ]);
    expect(body.createdBy).toEqual({ id: "houston" });
    expect(await stored(workspace.id)).toMatchObject({
      label: name,
      description: "Blue",
      cicdEnforcedDefault: true,
      createdBy: null,
      updatedBy: `user:${admin.id}`,
      updatedAt: new Date(body.updatedAt),
    });
    expect(await auditOf(workspace.id)).toMatchObject([
      {
        action: "updateWorkspace",
        actor: `user:${admin.id}`,
        detail: { label: name, description: "Blue", cicdEnforcedDefault: true },
      },
    ]);
    const cleared = await rest(admin).post(one(workspace.id), update(name));
    expect(cleared.body).toMatchObject({ name, description: "", cicdEnforcedDefault: false });
  });

  it("accepts its own name", async () => {
    const { workspace, admin } = await build.workspace();
    expect((await rest(admin).post(one(workspace.id), update(workspace.label))).status).toBe(200);
  });

  it.each([
    [{ description: "", cicdEnforcedDefault: false }, "name"],
    [{ name: "x", cicdEnforcedDefault: false }, "description"],
    [{ name: "x", description: "" }, "cicdEnforcedDefault"],
    [{ ...update("x"), name: "x".repeat(51) }, "name"],
    [{ ...update("x"), cicdEnforcedDefault: null }, "cicdEnforcedDefault"],
    [{ ...update("x"), payload: {} }, "payload"],
  ])("rejects %j by name", async (given, field) => {
    const { workspace, admin } = await build.workspace();
    const { status, body } = await rest(admin).post(one(workspace.id), given);
    expect([status, body.fieldErrors[0].field]).toEqual([400, field]);
    expect(await stored(workspace.id)).toEqual(workspace);
  });

  it("rejects a name in use", async () => {
    const [{ workspace }, { workspace: mine, admin }] = [await build.workspace(), await build.workspace()];
    const { status, body } = await rest(admin).post(one(mine.id), update(workspace.label));
    expect([status, body.message]).toEqual([400, "name: is already in use by another Workspace"]);
    expect(await stored(mine.id)).toEqual(mine);
  });

  it("denies those who may only see it, and does not exist for the others", async () => {
    const { workspace, viewer, outsider } = await build.workspace();
    const statusFor = async (someone: { token: string } | undefined, body: unknown = update("x")) =>
      (await rest(someone).post(one(workspace.id), body)).status;
    const systemViewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
    expect([await statusFor(viewer), await statusFor(systemViewer)]).toEqual([403, 403]);
    expect([await statusFor(outsider), await statusFor(undefined)]).toEqual([404, 401]);
    // What is wrong with a request is told only to those who may send it.
    expect([await statusFor(viewer, {}), await statusFor(outsider, {})]).toEqual([403, 404]);
    expect(await stored(workspace.id)).toEqual(workspace);
    expect((await rest(await build.systemAdmin()).post(one("nowhere"), update("x"))).status).toBe(404);
  });

  it("keeps each change whole when several arrive at once", async () => {
    const { workspace, admin } = await build.workspace();
    const all = Array.from({ length: 10 }, () => newName());
    const answers = await Promise.all(
      all.map((name) => rest(admin).post(one(workspace.id), { ...update(name), description: name })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const { label, description } = await stored(workspace.id);
    expect(description).toBe(label);
    expect(await auditOf(workspace.id)).toHaveLength(10);
  });
});

describe("deleteWorkspace", () => {
  it("deletes it once, with what is in it, and records who did", async () => {
    const { workspace, admin } = await build.workspace();
    const account = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    const { status, body } = await rest(admin).delete(one(workspace.id));
    expect([status, body]).toEqual([204, undefined]);
    expect(await db.workspace.count({ where: { id: workspace.id } })).toBe(0);
    expect(await db.serviceAccount.count({ where: { id: account.id } })).toBe(0);
    expect(await auditOf(workspace.id)).toMatchObject([
      { action: "deleteWorkspace", actor: `user:${admin.id}`, detail: { label: workspace.label } },
    ]);
    for (const someone of [admin, await build.systemAdmin()]) {
      const again = await rest(someone).delete(one(workspace.id));
      expect([again.status, again.body]).toMatchObject([404, unknown]);
    }
  });

  it("rejects a Workspace with Deployments", async () => {
    const { home } = await build.deployment();
    const { status, body } = await rest(home?.admin).delete(one(home?.workspace.id ?? ""));
    expect([status, body]).toMatchObject([
      400,
      {
        message: "workspaceId: the Workspace still has 1 Deployment; delete them first",
        fieldErrors: [{ code: "CONFLICT", field: "workspaceId" }],
      },
    ]);
    expect(await db.workspace.count({ where: { id: home?.workspace.id ?? "" } })).toBe(1);
  });

  it("denies editors, does not exist for outsiders, and asks for a credential", async () => {
    const { workspace, editor, outsider } = await build.workspace();
    const statusFor = async (someone: { token: string } | undefined) =>
      (await rest(someone).delete(one(workspace.id))).status;
    expect([await statusFor(editor), await statusFor(outsider), await statusFor(undefined)]).toEqual([403, 404, 401]);
    expect(await stored(workspace.id)).toEqual(workspace);
  });

  it("succeeds once of ten times at once", async () => {
    const { workspace, admin } = await build.workspace();
    const answers = await Promise.all(Array.from({ length: 10 }, () => rest(admin).delete(one(workspace.id))));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array(9).fill(404)]);
    expect(await auditOf(workspace.id)).toHaveLength(1);
  });

  const UPSERT = `mutation ($workspaceUuid: Uuid!, $label: String) {
    upsertDeployment(workspaceUuid: $workspaceUuid, label: $label, executor: CeleryExecutor) { id }
  }`;

  it("never loses a Deployment that is created at the same moment", { timeout: 60_000 }, async () => {
    const admin = await build.systemAdmin();
    const workspaceUuid = async () => (await rest(admin).post(LIST, { name: newName() })).body.id as string;
    const create = (id: string) => as(admin).send(UPSERT, { workspaceUuid: id, label: `In ${id}` });
    let duration = 0;
    for (const id of [await workspaceUuid(), await workspaceUuid()]) {
      const start = performance.now();
      await create(id);
      duration = performance.now() - start;
    }
    const rounds = 30;
    for (let round = 0; round < rounds; round++) {
      const id = await workspaceUuid();
      const remove = async () => {
        // From before the first statement of the other to after its last.
        await sleep((duration * 1.5 * round) / rounds);
        return rest(admin).delete(one(id));
      };
      const [{ data }, { status }] = await Promise.all([create(id), remove()]);
      const outcome = `${data?.upsertDeployment ? "created" : "not created"}, ${status}`;
      const [workspaces, deployments] = await Promise.all([
        db.workspace.count({ where: { id } }),
        db.deployment.count({ where: { workspaceId: id } }),
      ]);
      expect(["created, 400", "not created, 204"]).toContain(outcome);
      expect([workspaces, deployments], outcome).toEqual(data?.upsertDeployment ? [1, 1] : [0, 0]);
    }
  });

  it("is decided by the database, whoever comes first", async () => {
    const { workspace } = await build.workspace();
    const row = {
      ...{
        label: "x",
        releaseName: "quiet-star-1001",
        namespace: "x",
        version: "1",
        executor: "CeleryExecutor" as const,
      },
      ...{ config: {}, dagDeployment: {}, workspaceId: workspace.id },
    };
    await db.releaseName.create({ data: { name: row.releaseName } });
    const removal = await db.$transaction(async (tx) => {
      await tx.deployment.create({ data: row });
      const deleting = rest(await build.systemAdmin()).delete(one(workspace.id));
      // Long enough for the deletion to wait for the row.
      await sleep(300);
      return { deleting };
    });
    expect((await removal.deleting).status).toBe(400);
    expect(await db.deployment.count({ where: { workspaceId: workspace.id } })).toBe(1);
  });
});

describe("Workspaces in both APIs", () => {
  it("are the same, wherever they were made or changed", async () => {
    const user = await build.user();
    const [first, second] = [newName(), newName()];
    const { body: made } = await rest(user).post(LIST, { name: first, description: "REST" });
    const READ = `query ($id: Uuid!) { workspace(workspaceUuid: $id) { id label description } }`;
    const shown = async (id: string) => (await as(user).send(READ, { id })).data.workspace;
    expect(await shown(made.id)).toEqual({ id: made.id, label: first, description: "REST" });
    await rest(user).post(one(made.id), { ...update(second), description: "changed" });
    expect(await shown(made.id)).toEqual({ id: made.id, label: second, description: "changed" });

    const CREATE = `mutation ($label: String!) { createWorkspace(label: $label, description: "GraphQL") { id } }`;
    const there = (await as(user).send(CREATE, { label: newName() })).data.createWorkspace.id;
    const seen = (await rest(user).get(one(there))).body;
    expect(seen).toMatchObject({
      organizationId: DEFAULT_ORGANIZATION,
      description: "GraphQL",
      createdBy: { id: user.id },
      updatedBy: { id: user.id },
    });
    const { body: list } = await rest(user).get(LIST);
    expect(list.workspaces.map(({ id }: { id: string }) => id)).toEqual([made.id, there]);
    await rest(user).delete(one(there));
    expect(await shown(there)).toBeNull();
    expect(await db.workspace.count({ where: { id: there } })).toBe(0);
  });

  it("name whoever changed them over GraphQL, also once they were deleted", async () => {
    const { workspace, admin } = await build.workspace();
    const account = await build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: workspace.id, label: "CI" });
    const UPDATE = `mutation ($id: Uuid!, $payload: JSON!) { updateWorkspace(workspaceUuid: $id, payload: $payload) { id } }`;
    const payload = { description: "GraphQL" };
    const read = async () => (await rest(await build.systemAdmin()).get(one(workspace.id))).body;
    await as(account).send(UPDATE, { id: workspace.id, payload });
    expect((await read()).updatedBy).toEqual({ id: account.id, subjectType: "SERVICEKEY", apiTokenName: "CI" });
    await db.serviceAccount.delete({ where: { id: account.id } });
    expect((await read()).updatedBy).toEqual({ id: account.id, subjectType: "SERVICEKEY" });
    await as(admin).send(UPDATE, { id: workspace.id, payload });
    expect((await read()).updatedBy).toMatchObject({ id: admin.id, subjectType: "USER", username: admin.email });
    await db.user.delete({ where: { id: admin.id } });
    expect((await read()).updatedBy).toEqual({ id: admin.id, subjectType: "USER" });
  });

  it("keep a name that is longer than this API gives, until it is changed", async () => {
    const user = await build.user();
    const label = `${newName()} ${"x".repeat(60)}`;
    const { data } = await as(user).send(`mutation ($label: String!) { createWorkspace(label: $label) { id } }`, {
      label,
    });
    const { body } = await rest(user).get(one(data.createWorkspace.id));
    expect(body.name).toBe(label);
  });
});

beforeEach(() => expect.hasAssertions());

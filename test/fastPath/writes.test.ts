import { describe, expect, it } from "vitest";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db, app } = await testHouston({ fastPath: { enabled: true } });

const CREATE = `mutation ($label: String!, $id: Uuid!, $role: Role!) {
  createWorkspaceServiceAccount(label: $label, workspaceUuid: $id, role: $role) { id label apiKey roleBindings { role } }
}`;
const DELETE = `mutation ($account: Uuid!, $id: Uuid!) {
  deleteWorkspaceServiceAccount(serviceAccountUuid: $account, workspaceUuid: $id) { id label }
}`;
const CREATE_SYSTEM = `mutation ($label: String!, $role: Role!) { createSystemServiceAccount(label: $label, role: $role) { id } }`;
const CREATE_IN_DEPLOYMENT = `mutation ($label: String!, $id: Uuid!, $role: Role!) {
  createDeploymentServiceAccount(label: $label, deploymentUuid: $id, role: $role) { id }
}`;

type Someone = { token: string };
let labels = 0;
const label = () => `Label ${labels++}`;

/** The number of connections that wait for a lock. */
async function waitingForLocks() {
  const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return (await app.services.pool.query(sql)).rowCount;
}

describe("a repeated write", () => {
  it("is one statement, with the same response and rows as on Apollo's path", async () => {
    const { workspace, admin } = await build.workspace();
    const create = () => as(admin).send(CREATE, { label: label(), id: workspace.id, role: "WORKSPACE_EDITOR" });
    const viaApollo = await create();
    const { result: viaFastPath, statements } = await countStatements(create);
    expect(statements).toHaveLength(1);
    expect(viaFastPath.errors).toBeUndefined();
    for (const { data } of [viaApollo, viaFastPath]) {
      const { id, apiKey, ...rest } = data.createWorkspaceServiceAccount;
      expect(rest.roleBindings).toEqual([{ role: "WORKSPACE_EDITOR" }]);
      const seen = await as({ token: apiKey }).send("{ workspaces { id } }");
      expect(seen.data.workspaces).toEqual([{ id: workspace.id }]);
      const {
        createdAt: _,
        id: __,
        requestId,
        ...entry
      } = await db.auditEntry.findFirstOrThrow({ where: { entityId: id } });
      expect(requestId).toBeTruthy();
      expect(entry).toEqual({
        action: "createServiceAccount",
        actor: `user:${admin.id}`,
        entityType: "ServiceAccount",
        entityId: id,
        workspaceId: workspace.id,
        detail: { label: rest.label, category: "", role: "WORKSPACE_EDITOR" },
        ...{ outcome: "DONE", count: 1, via: "graphql", address: "127.0.0.1" },
      });
    }
    const remove = ({ data }: typeof viaApollo) =>
      as(admin).send(DELETE, { account: data.createWorkspaceServiceAccount.id, id: workspace.id });
    expect((await remove(viaApollo)).data.deleteWorkspaceServiceAccount.label).toBeTruthy();
    const gone = await countStatements(() => remove(viaFastPath));
    expect(gone.statements).toHaveLength(1);
    expect(gone.result.data.deleteWorkspaceServiceAccount.id).toBe(viaFastPath.data.createWorkspaceServiceAccount.id);
    expect(await db.serviceAccount.count({ where: { workspaceId: workspace.id } })).toBe(0);
    expect(await db.auditEntry.count({ where: { action: "deleteServiceAccount", workspaceId: workspace.id } })).toBe(2);
  });

  it("grants the same roles as Apollo's path, for every caller and scope", { timeout: 120_000 }, async () => {
    const [here, other] = [await build.workspace(), await build.workspace()];
    const { deployment, ...members } = await build.deployment({ workspaceId: here.workspace.id });
    const account = await build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId: here.workspace.id });
    const callers: Record<string, Someone> = {
      admin: here.admin,
      editor: here.editor,
      viewer: here.viewer,
      foreign: other.admin,
      deploymentAdmin: members.admin,
      deploymentEditor: members.editor,
      systemAdmin: await build.systemAdmin(),
      systemEditor: await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] }),
      systemViewer: await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] }),
      systemMachine: await build.serviceAccount({ role: "SYSTEM_ADMIN" }),
      account,
    };
    const calls = {
      workspace: { query: CREATE, id: here.workspace.id },
      foreignWorkspace: { query: CREATE, id: other.workspace.id },
      unknown: { query: CREATE, id: "nothing" },
      deployment: { query: CREATE_IN_DEPLOYMENT, id: deployment.id },
      system: { query: CREATE_SYSTEM, id: undefined },
    };
    const roles = ["SYSTEM", "WORKSPACE", "DEPLOYMENT"].flatMap((on) =>
      ["ADMIN", "EDITOR", "VIEWER"].map((r) => `${on}_${r}`),
    );
    // Makes every document known. Another operation name makes it unknown again.
    const warm = as(callers.systemAdmin);
    await warm.send(CREATE, { label: label(), id: here.workspace.id, role: "WORKSPACE_ADMIN" });
    await warm.send(CREATE_IN_DEPLOYMENT, { label: label(), id: deployment.id, role: "DEPLOYMENT_ADMIN" });
    await warm.send(CREATE_SYSTEM, { label: label(), role: "SYSTEM_ADMIN" });
    let renamed = 0;
    let created = 0;
    const codeOf = (answer: { errors?: { extensions: { code: string } }[] }) => answer.errors?.[0]?.extensions.code;
    for (const someone of Object.values(callers).map(as)) {
      for (const { query, id } of Object.values(calls)) {
        for (const role of roles) {
          const { result: known, statements } = await countStatements(() =>
            someone.send(query, { label: label(), id, role }),
          );
          const fresh = query.replace("mutation", `mutation Fresh${renamed++}`);
          const viaApollo = await someone.send(fresh, { label: label(), id, role });
          expect(codeOf(known)).toBe(codeOf(viaApollo));
          if (known.errors) continue;
          expect(statements).toHaveLength(1);
          created++;
        }
      }
    }
    expect(created).toBeGreaterThan(40);
  });

  it("returns the same errors as Apollo's path for invalid values and a disabled feature", async () => {
    const { workspace, admin } = await build.workspace();
    const create = (given: object) =>
      as(admin).send(CREATE, { label: "Once", id: workspace.id, role: "WORKSPACE_VIEWER", ...given });
    expect((await create({})).errors).toBeUndefined();
    for (let round = 0; round < 2; round++) {
      expect((await create({ label: " " })).errors?.[0]?.message).toContain("1 to 80");
      expect((await create({ label: "x", role: "SYSTEM_ADMIN" })).errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
      app.services.config.serviceAccounts.enabled = false;
      expect((await create({ label: "y" })).errors?.[0]?.extensions.code).toBe("FEATURE_DISABLED");
      app.services.config.serviceAccounts.enabled = true;
    }
    expect(await db.serviceAccount.count({ where: { workspaceId: workspace.id } })).toBe(1);
    expect(await db.auditEntry.count({ where: { workspaceId: workspace.id, action: "createServiceAccount" } })).toBe(1);
  });

  it("creates no key for a Deployment that is being deleted", async () => {
    const { deployment, admin } = await build.deployment();
    const create = () =>
      as(admin).send(CREATE_IN_DEPLOYMENT, { label: label(), id: deployment.id, role: "DEPLOYMENT_VIEWER" });
    for (let round = 0; round < 3; round++) expect((await create()).errors).toBeUndefined();
    const locked = Promise.withResolvers<void>();
    const deleting = db.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT id FROM "Deployment" WHERE id = ${deployment.id} FOR UPDATE`;
        locked.resolve();
        await expect.poll(waitingForLocks).toBeGreaterThan(0);
        await tx.serviceAccount.deleteMany({ where: { deploymentId: deployment.id } });
        await tx.deployment.update({ where: { id: deployment.id }, data: { deletedAt: new Date() } });
      },
      { timeout: 20_000 },
    );
    await Promise.race([locked.promise, deleting]);
    expect((await create()).errors).toHaveLength(1);
    await deleting;
    expect(await db.serviceAccount.count({ where: { deploymentId: deployment.id } })).toBe(0);
  });

  it("creates twenty accounts with the same label concurrently, each with its own key and audit entry", async () => {
    const { workspace, admin } = await build.workspace();
    const create = (name: string) =>
      as(admin).send(CREATE, { label: name, id: workspace.id, role: "WORKSPACE_VIEWER" });
    await create("Before");
    const answers = await Promise.all(Array.from({ length: 20 }, () => create("Same")));
    expect(new Set(answers.map(({ data }) => data.createWorkspaceServiceAccount.apiKey)).size).toBe(20);
    expect(await db.serviceAccount.count({ where: { workspaceId: workspace.id, label: "Same" } })).toBe(20);
    expect(await db.auditEntry.count({ where: { workspaceId: workspace.id } })).toBe(21);
  });

  it("has its own result, and is written once or not at all, among rejected ones", async () => {
    const [here, other] = [await build.workspace(), await build.workspace()];
    const create = (name: string, id = here.workspace.id) =>
      as(here.admin).send(CREATE, { label: name, id, role: "WORKSPACE_VIEWER" });
    const remove = (account: string) => as(here.admin).send(DELETE, { account, id: here.workspace.id });
    const old = [];
    for (let n = 0; n < 10; n++) old.push((await create(`Old ${n}`)).data.createWorkspaceServiceAccount.id);
    await remove(old.pop());
    // Labels may repeat; this makes the database itself reject some of the writes.
    await db.$executeRaw`CREATE UNIQUE INDEX "OnlyHere" ON "ServiceAccount" ("workspaceId", label)
      WHERE label LIKE 'New %'`;
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, (_, n) => create(`New ${n}`)),
      ...old.flatMap((id) => [remove(id), remove(id)]),
      ...Array.from({ length: 10 }, (_, n) => create(`Foreign ${n}`, other.workspace.id)),
      ...Array.from({ length: 10 }, (_, n) => create(`New ${n}`)),
    ]);
    const outcomes = answers.map(({ data, errors }) =>
      errors
        ? String(errors[0]?.extensions.code)
        : (data.createWorkspaceServiceAccount ?? data.deleteWorkspaceServiceAccount).label,
    );
    const count = (outcome: RegExp) => outcomes.filter((one) => outcome.test(one)).length;
    expect([count(/^New/), count(/^Old/), count(/^FORBIDDEN$/), count(/^[A-Z_]+$/)]).toEqual([10, 9, 10, 29]);
    const labels = (await db.serviceAccount.findMany({ where: { workspaceId: here.workspace.id } })).map(
      (one) => one.label,
    );
    expect(labels.toSorted()).toEqual(outcomes.filter((one) => one.startsWith("New")).toSorted());
    const entries = await db.auditEntry.groupBy({
      by: ["action"],
      _count: true,
      where: { workspaceId: here.workspace.id },
    });
    expect(Object.fromEntries(entries.map(({ action, _count }) => [action, _count]))).toEqual({
      createServiceAccount: 20,
      deleteServiceAccount: 10,
    });
    await db.$executeRaw`DROP INDEX "OnlyHere"`;
  });

  it("is rejected on the next request after the caller's role or session is removed", async () => {
    const { workspace, admin, editor } = await build.workspace();
    const create = (someone: Someone) =>
      as(someone).send(CREATE, { label: label(), id: workspace.id, role: "WORKSPACE_VIEWER" });
    for (const someone of [admin, editor]) expect((await create(someone)).errors).toBeUndefined();
    await db.roleBinding.deleteMany({ where: { userId: editor.id } });
    await db.session.deleteMany({ where: { userId: admin.id } });
    expect((await create(editor)).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
    expect((await create(admin)).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    expect(await db.serviceAccount.count({ where: { workspaceId: workspace.id } })).toBe(2);
  });
});

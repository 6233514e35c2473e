import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { DENIED, outcomeOf } from "../support/outcome.ts";

const { as, build, db, app } = await testHouston();
const hard = await testHouston({ deployments: { hardDeleteDeployment: true } });

const DELETE = `mutation ($deploymentUuid: Uuid!, $deploymentHardDelete: Boolean) {
  deleteDeployment(deploymentUuid: $deploymentUuid, deploymentHardDelete: $deploymentHardDelete) {
    uuid label deletedAt roleBindings { role }
  }
}`;

describe("deleteDeployment", () => {
  it.each([undefined, true])(
    "keeps the record, returns it unchanged and revokes all access (hard: %s)",
    async (asked) => {
      const { deployment, admin, viewer, home } = await build.deployment();
      const account = await build.serviceAccount({ role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id });
      const given = { deploymentUuid: deployment.id, deploymentHardDelete: asked };
      const { data } = await as(admin).send(DELETE, given);
      expect(data.deleteDeployment).toMatchObject({ uuid: deployment.id, label: deployment.label, deletedAt: null });
      expect(data.deleteDeployment.roleBindings).toHaveLength(4);
      const row = await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } });
      const marks = { deletedAt: expect.any(Date), updatedAt: expect.any(Date), updatedBy: `user:${admin.id}` };
      expect(row).toEqual({ ...deployment, ...marks });
      expect(await db.roleBinding.count({ where: { deploymentId: deployment.id } })).toBe(0);
      const { errors } = await as(account).send("{ deployments { id } }");
      expect(errors).toMatchObject([{ message: DENIED, extensions: { code: "UNAUTHENTICATED" } }]);
      expect((await as(viewer).send("{ deployments { id } }")).data.deployments).toEqual([]);
      expect((await as(home?.admin).send("{ deployments { id } }")).data.deployments).toEqual([]);
      expect(await db.auditEntry.count({ where: { entityId: deployment.id, action: "deleteDeployment" } })).toBe(1);
    },
  );

  it("frees the label, but not the release name", async () => {
    const { deployment, admin } = await build.deployment();
    await as(admin).send(DELETE, { deploymentUuid: deployment.id });
    await build.deployment({ workspaceId: deployment.workspaceId, label: deployment.label });
    expect(await db.releaseName.count({ where: { name: deployment.releaseName } })).toBe(1);
  });

  it("removes the record when a hard delete is requested and enabled", async () => {
    const { deployment, admin } = await hard.build.deployment();
    await hard.db.environmentVariable.create({ data: { deploymentId: deployment.id, key: "A", value: "1" } });
    const given = { deploymentUuid: deployment.id, deploymentHardDelete: true };
    const { data } = await hard.as(admin).send(DELETE, given);
    expect(data.deleteDeployment.uuid).toBe(deployment.id);
    expect(await hard.db.deployment.count()).toBe(0);
    expect(await hard.db.environmentVariable.count()).toBe(0);
    expect(await hard.db.releaseName.count({ where: { name: deployment.releaseName } })).toBe(0);
    const { rows } = await hard.app.services.pool.query(
      "SELECT payload FROM graphile_worker._private_jobs WHERE key = $1",
      [`deployment:${deployment.id}`],
    );
    expect(rows).toMatchObject([{ payload: { change: "hardDeleted", releaseName: deployment.releaseName } }]);
    const kept = await hard.build.deployment();
    await hard.as(kept.admin).send(DELETE, { deploymentUuid: kept.deployment.id, deploymentHardDelete: false });
    expect(await hard.db.deployment.count()).toBe(1);
  });

  it("frees the release name by a hard delete, and keeps it by a soft one", async () => {
    const named = await testHouston({ deployments: { hardDeleteDeployment: true, manualReleaseNames: true } });
    const { workspace, editor } = await named.build.workspace();
    const create = async () => {
      const answer = await named.as(editor).send(
        `mutation ($workspaceUuid: Uuid!) {
          createDeployment(workspaceUuid: $workspaceUuid, label: "Blue", executor: CeleryExecutor, releaseName: "blue") { id }
        }`,
        { workspaceUuid: workspace.id },
      );
      return answer.errors ? outcomeOf(answer) : (answer.data.createDeployment.id as string);
    };
    const remove = (deploymentUuid: string, deploymentHardDelete: boolean) =>
      named.as(editor).send(DELETE, { deploymentUuid, deploymentHardDelete });
    const first = await create();
    const [, again] = await Promise.all([remove(first, true), untilCreated(create)]);
    expect(again).not.toBe(first);
    await remove(again, false);
    expect(await create()).toBe("CONFLICT releaseName");
    await named
      .as(await named.build.user({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] }))
      .send(`mutation ($id: Uuid!) { deleteWorkspace(workspaceUuid: $id) { id } }`, { id: workspace.id });
    expect(await named.db.releaseName.count()).toBe(0);
  });

  it.each([false, undefined, true])("always deletes hard from platform version 2.0.0 on (hard: %s)", async (asked) => {
    const later = await testHouston({ helm: { releaseVersion: "2.0.0" } });
    const { deployment, admin } = await later.build.deployment();
    const sent = { deploymentUuid: deployment.id, deploymentHardDelete: asked };
    expect((await later.as(admin).send(DELETE, sent)).errors).toBeUndefined();
    expect(await later.db.deployment.count()).toBe(0);
    expect(await later.db.releaseName.count()).toBe(0);
    expect(await later.db.auditEntry.findFirst({ where: { entityId: deployment.id } })).toMatchObject({
      detail: { hard: true, releaseName: deployment.releaseName },
    });
    const { data } = await later.as(undefined).send("{ appConfig { hardDeleteDeployment featureFlags } }");
    expect(data.appConfig).toMatchObject({ hardDeleteDeployment: true, featureFlags: { hardDeleteDeployment: true } });
  });

  it("deletes once for ten concurrent requests", async () => {
    const { deployment, home } = await build.deployment();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => as(home?.admin).send(DELETE, { deploymentUuid: deployment.id })),
    );
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    for (const { errors } of answers) if (errors) expect(errors[0]?.extensions.code).toMatch(/NOT_FOUND|FORBIDDEN/);
    expect(await db.auditEntry.count({ where: { entityId: deployment.id } })).toBe(1);
  });

  it("rejects editors, outsiders, anonymous callers and unknown Deployments", async () => {
    const { deployment, editor, home } = await build.deployment();
    for (const someone of [editor, home?.editor, home?.outsider, undefined]) {
      const { errors } = await as(someone).send(DELETE, { deploymentUuid: deployment.id });
      expect(errors).toMatchObject([{ message: DENIED }]);
    }
    const row = await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } });
    expect(row.deletedAt).toBeNull();
    const { errors } = await as(await build.systemAdmin()).send(DELETE, { deploymentUuid: "nowhere" });
    expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND", argument: "deploymentUuid" } }]);
    expect(app.services.config.deployments.hardDeleteDeployment).toBe(false);
  });
});

/** The first ID that `create` returns: a name in use is free once the transaction that deletes it is committed. */
async function untilCreated(create: () => Promise<string>): Promise<string> {
  const created = await create();
  return created.startsWith("CONFLICT") ? untilCreated(create) : created;
}

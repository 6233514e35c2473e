import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const CREATE = `mutation ($label: String!, $deploymentUuid: Uuid!, $role: Role!) {
  createDeploymentServiceAccount(label: $label, deploymentUuid: $deploymentUuid, role: $role) {
    id apiKey entityType deploymentUuid workspaceUuid roleBindings { role deployment { id } }
  }
}`;
const LIST = `query ($id: Uuid!) { deploymentServiceAccounts(deploymentUuid: $id) { id } }`;

const { deployment, admin, editor, viewer, home } = await build.deployment();
const deploymentUuid = deployment.id;

describe("createDeploymentServiceAccount", () => {
  it("creates one whose key reads this Deployment, and no other of the Workspace", async () => {
    const { data } = await as(editor).send(CREATE, { label: "CI", deploymentUuid, role: "DEPLOYMENT_EDITOR" });
    const { id, apiKey, ...rest } = data.createDeploymentServiceAccount;
    expect(rest).toEqual({
      entityType: "DEPLOYMENT",
      deploymentUuid,
      workspaceUuid: null,
      roleBindings: [{ role: "DEPLOYMENT_EDITOR", deployment: { id: deploymentUuid } }],
    });
    expect((await as({ token: apiKey }).send(LIST, { id: deploymentUuid })).data).toEqual({
      deploymentServiceAccounts: [{ id }],
    });
    const beside = await build.deployment({ workspaceId: deployment.workspaceId });
    expect((await as({ token: apiKey }).send(LIST, { id: beside.deployment.id })).errors).toMatchObject([
      { message: DENIED },
    ]);
    expect(await db.auditEntry.findFirst({ where: { entityId: id } })).toMatchObject({
      workspaceId: deployment.workspaceId,
    });
  });

  it.each([
    ["DEPLOYMENT_ADMIN", "the Workspace's admin", home?.admin, true],
    ["DEPLOYMENT_ADMIN", "its admin", admin, true],
    ["DEPLOYMENT_ADMIN", "its editor", editor, false],
    ["DEPLOYMENT_VIEWER", "its viewer", viewer, false],
    ["DEPLOYMENT_VIEWER", "the Workspace's editor", home?.editor, false],
    ["DEPLOYMENT_VIEWER", "a stranger", home?.outsider, false],
    ["DEPLOYMENT_VIEWER", "nobody", undefined, false],
  ])("%s from %s", async (role, label, someone, answer) => {
    const { errors } = await as(someone).send(CREATE, { label, deploymentUuid, role });
    if (answer) expect(errors).toBeUndefined();
    else expect(errors).toMatchObject([{ message: DENIED }]);
    expect(await db.serviceAccount.count({ where: { label } })).toBe(answer ? 1 : 0);
  });

  it.each(["SYSTEM_VIEWER", "WORKSPACE_VIEWER", "USER"])("refuses the role %s", async (role) => {
    const { errors } = await as(admin).send(CREATE, { label: "Misfit", deploymentUuid, role });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "role" } }]);
  });

  it("refuses an empty label and one that is taken", async () => {
    const send = (label: string) => as(admin).send(CREATE, { label, deploymentUuid, role: "DEPLOYMENT_VIEWER" });
    expect((await send(" ")).errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "label" } }]);
    expect((await send("Twice")).errors).toBeUndefined();
    expect((await send("Twice")).errors).toMatchObject([{ extensions: { code: "CONFLICT", argument: "label" } }]);
  });

  it("finds no deleted Deployment", async () => {
    const gone = await build.deployment();
    await db.deployment.update({ where: { id: gone.deployment.id }, data: { deletedAt: new Date() } });
    const sent = { label: "Late", deploymentUuid: gone.deployment.id, role: "DEPLOYMENT_VIEWER" };
    expect((await as(gone.admin).send(CREATE, sent)).errors).toMatchObject([{ message: DENIED }]);
    expect((await as(await build.systemAdmin()).send(CREATE, sent)).errors).toMatchObject([
      { extensions: { code: "NOT_FOUND", argument: "deploymentUuid" } },
    ]);
  });
});

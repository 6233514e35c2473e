import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { testHouston } from "../support/houston.ts";
import { expectCreated, itRejectsRoles } from "./shared.ts";

const houston = await testHouston();
const { as, build, db } = houston;

const CREATE = `mutation ($label: String!, $deploymentUuid: Uuid!, $role: Role!) {
  createDeploymentServiceAccount(label: $label, deploymentUuid: $deploymentUuid, role: $role) {
    id apiKey entityType deploymentUuid workspaceUuid roleBindings { role deployment { id } }
  }
}`;
const LIST = `query ($id: Uuid!) { deploymentServiceAccounts(deploymentUuid: $id) { id } }`;

const { deployment, admin, editor, viewer, home } = await build.deployment();
const deploymentUuid = deployment.id;

describe("createDeploymentServiceAccount", () => {
  it("creates an account whose key gives access to this Deployment and no other of the Workspace", async () => {
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
    ["DEPLOYMENT_ADMIN", "the Workspace's admin", true, home?.admin],
    ["DEPLOYMENT_ADMIN", "its admin", true, admin],
    ["DEPLOYMENT_ADMIN", "its editor", false, editor],
    ["DEPLOYMENT_VIEWER", "its viewer", false, viewer],
    ["DEPLOYMENT_VIEWER", "the Workspace's editor", false, home?.editor],
    ["DEPLOYMENT_VIEWER", "an outsider", false, home?.outsider],
    ["DEPLOYMENT_VIEWER", "an anonymous caller", false, undefined],
  ])("grants %s to a request by %s: %s", (role, label, allowed, someone) =>
    expectCreated(houston, CREATE, someone, { label, deploymentUuid, role }, allowed),
  );

  itRejectsRoles(houston, CREATE, ["SYSTEM_VIEWER", "WORKSPACE_VIEWER", "USER"], admin, { deploymentUuid });

  it("rejects an empty label and accepts one in use", async () => {
    const send = (label: string) => as(admin).send(CREATE, { label, deploymentUuid, role: "DEPLOYMENT_VIEWER" });
    expect((await send(" ")).errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "label" } }]);
    expect((await send("Twice")).errors).toBeUndefined();
    expect((await send("Twice")).errors).toBeUndefined();
  });

  it("rejects deleted Deployments", async () => {
    const gone = await build.deployment();
    await db.deployment.update({ where: { id: gone.deployment.id }, data: { deletedAt: new Date() } });
    const sent = { label: "Late", deploymentUuid: gone.deployment.id, role: "DEPLOYMENT_VIEWER" };
    expect((await as(gone.admin).send(CREATE, sent)).errors).toMatchObject([{ message: DENIED }]);
    expect((await as(await build.systemAdmin()).send(CREATE, sent)).errors).toMatchObject([
      { extensions: { code: "NOT_FOUND", argument: "deploymentUuid" } },
    ]);
  });
});

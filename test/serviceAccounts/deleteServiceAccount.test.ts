import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const DELETE = `mutation ($id: Uuid!) { deleteServiceAccount(serviceAccountUuid: $id) { id label entityType } }`;

const { deployment, admin, editor, viewer, home } = await build.deployment();
const workspaceAdmin = home?.admin;
const systemAdmin = await build.systemAdmin();
const ofSystem = () => build.serviceAccount({ role: "SYSTEM_VIEWER" });
const ofWorkspace = () => build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: deployment.workspaceId });
const ofDeployment = () => build.serviceAccount({ role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id });

describe("deleteServiceAccount", () => {
  it.each([
    ["SYSTEM", "a System Admin", systemAdmin, ofSystem, null],
    ["WORKSPACE", "its editor, though the account holds more", home?.editor, ofWorkspace, deployment.workspaceId],
    ["WORKSPACE", "a System Admin", systemAdmin, ofWorkspace, deployment.workspaceId],
    ["DEPLOYMENT", "its editor", editor, ofDeployment, deployment.workspaceId],
    ["DEPLOYMENT", "the Workspace's admin", workspaceAdmin, ofDeployment, deployment.workspaceId],
  ])("deletes a %s account for %s", async (entityType, _, someone, make, workspaceId) => {
    const { id, label } = await make();
    const { data } = await as(someone).send(DELETE, { id });
    expect(data.deleteServiceAccount).toEqual({ id, label, entityType });
    expect(await db.serviceAccount.findUnique({ where: { id } })).toBeNull();
    expect(await db.auditEntry.findFirst({ where: { entityId: id } })).toMatchObject({
      action: "deleteServiceAccount",
      workspaceId,
    });
  });

  it.each([
    ["a viewer", viewer, ofDeployment],
    ["a Workspace editor, in a Deployment", home?.editor, ofDeployment],
    ["a Deployment admin, in the Workspace", admin, ofWorkspace],
    ["a Workspace admin, in the system", workspaceAdmin, ofSystem],
    ["an anonymous caller", undefined, ofSystem],
  ])("denies %s", async (_, someone, make) => {
    const { id } = await make();
    const { data, errors } = await as(someone).send(DELETE, { id });
    expect(data.deleteServiceAccount).toBeNull();
    expect(errors).toMatchObject([{ message: DENIED }]);
    expect(await db.serviceAccount.count({ where: { id } })).toBe(1);
  });

  it("rejects unknown and empty IDs", async () => {
    expect((await as(systemAdmin).send(DELETE, { id: "nowhere" })).errors).toMatchObject([
      { extensions: { code: "NOT_FOUND", argument: "serviceAccountUuid" } },
    ]);
    expect((await as(systemAdmin).send(DELETE, { id: "" })).errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", argument: "serviceAccountUuid" } },
    ]);
    expect((await as(workspaceAdmin).send(DELETE, { id: "nowhere" })).errors).toMatchObject([{ message: DENIED }]);
  });
});

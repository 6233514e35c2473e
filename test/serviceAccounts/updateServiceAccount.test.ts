import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const UPDATE = `mutation ($id: Uuid!, $payload: JSON) {
  updateServiceAccount(serviceAccountUuid: $id, payload: $payload) { id label category }
}`;

const { deployment, admin, editor, viewer, home } = await build.deployment();
const workspaceAdmin = home?.admin ?? expect.fail("no Workspace");
const systemAdmin = await build.systemAdmin();
const systemEditor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
const ofSystem = () => build.serviceAccount({ role: "SYSTEM_VIEWER" });
const ofWorkspace = () => build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: deployment.workspaceId });
const ofDeployment = () => build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id });
const stored = (id: string) => db.serviceAccount.findUniqueOrThrow({ where: { id } });

describe("updateServiceAccount", () => {
  it.each([
    ["a system account for a System Editor", systemEditor, ofSystem, null],
    ["a Workspace's account for its editor", home?.editor, ofWorkspace, deployment.workspaceId],
    ["a Deployment's account for its editor", editor, ofDeployment, deployment.workspaceId],
    ["a Deployment's account for the Workspace's admin", workspaceAdmin, ofDeployment, deployment.workspaceId],
  ])("updates %s and keeps the key", async (_, someone, make, workspaceId) => {
    const { id, keyHash, updatedAt } = await make();
    const payload = { label: ` Renamed ${id} `, category: "deploys" };
    const { data } = await as(someone).send(UPDATE, { id, payload });
    expect(data.updateServiceAccount).toEqual({ id, label: `Renamed ${id}`, category: "deploys" });
    const row = await stored(id);
    expect(row).toMatchObject({ label: `Renamed ${id}`, category: "deploys", keyHash });
    expect(Number(row.updatedAt)).toBeGreaterThanOrEqual(Number(updatedAt));
    expect(await db.auditEntry.findFirst({ where: { entityId: id } })).toMatchObject({
      action: "updateServiceAccount",
      actor: `user:${someone?.id}`,
      workspaceId,
      detail: { label: `Renamed ${id}`, category: "deploys" },
    });
  });

  it('keeps omitted fields, and clears the category with ""', async () => {
    const { id, label } = await ofSystem();
    const send = async (payload: unknown) =>
      (await as(systemAdmin).send(UPDATE, { id, payload })).data.updateServiceAccount;
    expect(await send({ category: "build" })).toEqual({ id, label, category: "build" });
    expect(await send({ label: "" })).toEqual({ id, label, category: "build" });
    expect(await send(null)).toEqual({ id, label, category: "build" });
    expect(await send({ category: "" })).toEqual({ id, label, category: "" });
  });

  it.each([
    ["a viewer", viewer, ofDeployment],
    ["a Workspace editor, in a Deployment", home?.editor, ofDeployment],
    ["a Workspace admin, in the system", workspaceAdmin, ofSystem],
    ["a Deployment admin, in the Workspace", admin, ofWorkspace],
    ["an anonymous caller", undefined, ofWorkspace],
  ])("denies %s", async (_, someone, make) => {
    const { id, label } = await make();
    const { data, errors } = await as(someone).send(UPDATE, { id, payload: { label: "Taken over" } });
    expect(data.updateServiceAccount).toBeNull();
    expect(errors).toMatchObject([{ message: DENIED }]);
    expect(await stored(id)).toMatchObject({ label });
  });

  it("rejects unknown IDs", async () => {
    const { errors } = await as(systemAdmin).send(UPDATE, { id: "nowhere", payload: {} });
    expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND", argument: "serviceAccountUuid" } }]);
    expect((await as(editor).send(UPDATE, { id: "nowhere", payload: {} })).errors).toMatchObject([{ message: DENIED }]);
  });

  it.each([
    [{ label: "  " }, "payload.label: must be a string of 1 to 80 characters"],
    [{ label: "x".repeat(81) }, "payload.label: must be a string of 1 to 80 characters"],
    [{ category: "x".repeat(81) }, "payload.category: must be a string of at most 80 characters"],
    [{ category: 7 }, "payload.category: must be a string of at most 80 characters"],
    [{ role: "SYSTEM_ADMIN" }, "payload.role: is not a known field"],
    [{ label: "ok", keyHash: "x", workspaceId: "x" }, "payload.keyHash, workspaceId: is not a known field"],
    ["label", "payload: must be an object with label, category or both"],
    [["label"], "payload: must be an object with label, category or both"],
  ])("rejects the payload %j", async (payload, message) => {
    const before = await ofSystem();
    const { errors } = await as(systemAdmin).send(UPDATE, { id: before.id, payload });
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT" } }]);
    expect(await stored(before.id)).toMatchObject({ label: before.label, category: "" });
  });
});

import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const CREATE = `mutation ($label: String!, $category: String, $entityType: EntityType!, $entityUuid: Uuid, $role: Role) {
  createServiceAccount(label: $label, category: $category, entityType: $entityType, entityUuid: $entityUuid, role: $role) {
    id label category apiKey entityType entityUuid workspaceUuid deploymentUuid active lastUsedAt roleBindings { role }
  }
}`;

const home = await build.deployment();
const { deployment } = home;
const workspaceAdmin = home.home?.admin ?? expect.fail("no Workspace");
const systemAdmin = await build.systemAdmin();
const levels = {
  SYSTEM: { admin: systemAdmin, id: null, at: { workspaceId: null, deploymentId: null } },
  WORKSPACE: {
    admin: workspaceAdmin,
    id: deployment.workspaceId,
    at: { workspaceId: deployment.workspaceId, deploymentId: null },
  },
  DEPLOYMENT: { admin: home.admin, id: deployment.id, at: { workspaceId: null, deploymentId: deployment.id } },
};

describe("createServiceAccount", () => {
  it.each(["SYSTEM", "WORKSPACE", "DEPLOYMENT"] as const)(
    "creates an account with the viewer role (%s)",
    async (entityType) => {
      const { admin, id, at } = levels[entityType];
      const sent = { label: " CI ", category: "build", entityType, entityUuid: id };
      const { data, errors } = await as(admin).send(CREATE, sent);
      expect(errors).toBeUndefined();
      const role = `${entityType}_VIEWER`;
      const account = data.createServiceAccount;
      expect(account).toEqual({
        id: expect.any(String),
        label: "CI",
        category: "build",
        apiKey: expect.stringMatching(/^hou_[0-9A-Za-z]{32}_[0-9a-f]{8}$/),
        entityType,
        entityUuid: id,
        workspaceUuid: at.workspaceId,
        deploymentUuid: at.deploymentId,
        active: true,
        lastUsedAt: null,
        roleBindings: [{ role }],
      });
      const row = await db.serviceAccount.findUniqueOrThrow({
        where: { id: account.id },
        include: { roleBindings: true },
      });
      expect(row).toMatchObject({ label: "CI", ...at, roleBindings: [{ role, ...at }] });
      expect(await db.auditEntry.findFirst({ where: { entityId: row.id } })).toMatchObject({
        action: "createServiceAccount",
        actor: `user:${admin.id}`,
        workspaceId: entityType === "SYSTEM" ? null : deployment.workspaceId,
        detail: { label: "CI", category: "build", role },
      });
    },
  );

  it("treats null and empty strings as omitted", async () => {
    const sent = { label: "Sparse", category: "", entityType: "SYSTEM", entityUuid: "", role: null };
    const { data } = await as(systemAdmin).send(CREATE, sent);
    expect(data.createServiceAccount).toMatchObject({ category: "", roleBindings: [{ role: "SYSTEM_VIEWER" }] });
  });

  it.each([
    ["SYSTEM", workspaceAdmin, null],
    ["SYSTEM", undefined, null],
    ["WORKSPACE", home.admin, deployment.workspaceId],
    ["WORKSPACE", undefined, deployment.workspaceId],
    ["WORKSPACE", workspaceAdmin, "nowhere"],
    ["DEPLOYMENT", home.viewer, deployment.id],
    ["DEPLOYMENT", home.home?.editor, deployment.id],
    ["DEPLOYMENT", undefined, deployment.id],
  ])("denies other callers (%s)", async (entityType, someone, entityUuid) => {
    const before = await db.serviceAccount.count();
    const { status, data, errors } = await as(someone).send(CREATE, { label: "Theirs", entityType, entityUuid });
    expect({ status, data }).toEqual({ status: 200, data: { createServiceAccount: null } });
    expect(errors).toMatchObject([{ message: DENIED }]);
    expect(await db.serviceAccount.count()).toBe(before);
  });

  it.each([
    [{ label: " " }, "label", "label: must be a string of 1 to 80 characters"],
    [{ label: "x".repeat(81) }, "label", "label: must be a string of 1 to 80 characters"],
    [{ category: "x".repeat(81) }, "category", "category: must be a string of at most 80 characters"],
    [{ entityUuid: null }, "entityUuid", "entityUuid: is required (Workspace ID)"],
    [
      { role: "DEPLOYMENT_ADMIN" },
      "role",
      "role: DEPLOYMENT_ADMIN cannot be granted on a Workspace; must be one of WORKSPACE_VIEWER, WORKSPACE_EDITOR, WORKSPACE_ADMIN",
    ],
  ])("rejects %o", async (given, argument, message) => {
    const before = await db.serviceAccount.count();
    const sent = { label: "ok", entityType: "WORKSPACE", entityUuid: deployment.workspaceId, ...given };
    const { errors } = await as(systemAdmin).send(CREATE, sent);
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT", argument } }]);
    expect(await db.serviceAccount.count()).toBe(before);
  });

  it.each(["WORKSPACE", "DEPLOYMENT"])("returns NOT_FOUND to a System Admin for an unknown %s", async (entityType) => {
    const { errors } = await as(systemAdmin).send(CREATE, { label: "Lost", entityType, entityUuid: "nowhere" });
    expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND" } }]);
  });
});

import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { testHouston } from "../support/houston.ts";
import { expectCreated, itRejectsRoles } from "./shared.ts";

const houston = await testHouston();
const { as, build, db } = houston;

const CREATE = `mutation ($label: String!, $category: String, $workspaceUuid: Uuid!, $role: Role!) {
  createWorkspaceServiceAccount(label: $label, category: $category, workspaceUuid: $workspaceUuid, role: $role) {
    id apiKey category entityType workspaceUuid roleBindings { role workspace { id } }
  }
}`;

const { workspace, admin, editor, viewer, outsider } = await build.workspace();
const workspaceUuid = workspace.id;

describe("createWorkspaceServiceAccount", () => {
  it("creates an account whose key gives access to this Workspace and no other", async () => {
    const sent = { label: "CI", category: "build", workspaceUuid, role: "WORKSPACE_VIEWER" };
    const { data } = await as(editor).send(CREATE, sent);
    const { id, apiKey, ...rest } = data.createWorkspaceServiceAccount;
    expect(rest).toEqual({
      category: "build",
      entityType: "WORKSPACE",
      workspaceUuid,
      roleBindings: [{ role: "WORKSPACE_VIEWER", workspace: { id: workspaceUuid } }],
    });
    const seen = await as({ token: apiKey }).send("{ workspaces { id } }");
    expect(seen.data.workspaces).toEqual([{ id: workspaceUuid }]);
    expect(await db.serviceAccount.findUnique({ where: { id } })).toMatchObject({
      workspaceId: workspaceUuid,
      deploymentId: null,
      createdBy: `user:${editor.id}`,
    });
  });

  it.each([
    ["WORKSPACE_ADMIN", admin, true],
    ["WORKSPACE_EDITOR", editor, true],
    ["WORKSPACE_ADMIN", editor, false],
    ["WORKSPACE_VIEWER", viewer, false],
    ["WORKSPACE_VIEWER", outsider, false],
    ["WORKSPACE_VIEWER", undefined, false],
  ])("grants %s only when the caller may create accounts and holds the role", (role, someone, allowed) =>
    expectCreated(houston, CREATE, someone, { label: `${role} by ${someone?.email}`, workspaceUuid, role }, allowed),
  );

  it("denies an Editor's service account the creation of an Admin's", async () => {
    const account = await build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId: workspaceUuid });
    const higher = await as(account).send(CREATE, { label: "Up", workspaceUuid, role: "WORKSPACE_ADMIN" });
    expect(higher.errors).toMatchObject([{ message: DENIED, extensions: { code: "FORBIDDEN" } }]);
    const same = await as(account).send(CREATE, { label: "Along", workspaceUuid, role: "WORKSPACE_EDITOR" });
    expect(same.errors).toBeUndefined();
  });

  itRejectsRoles(houston, CREATE, ["SYSTEM_ADMIN", "DEPLOYMENT_VIEWER", "USER"], admin, { workspaceUuid });

  it("accepts a label in use", async () => {
    const label = "Twice";
    const role = "WORKSPACE_VIEWER";
    expect((await as(admin).send(CREATE, { label, workspaceUuid, role })).errors).toBeUndefined();
    expect((await as(admin).send(CREATE, { label: " Twice ", workspaceUuid, role })).errors).toBeUndefined();
    expect(await db.serviceAccount.count({ where: { label, workspaceId: workspaceUuid } })).toBe(2);
  });

  it.each([
    [{ label: "" }, "label"],
    [{ label: "x".repeat(81) }, "label"],
    [{ category: "x".repeat(81) }, "category"],
    [{ workspaceUuid: "" }, "workspaceUuid"],
  ])("rejects %o", async (given, argument) => {
    const sent = { label: "ok", workspaceUuid, role: "WORKSPACE_VIEWER", ...given };
    const { errors } = await as(admin).send(CREATE, sent);
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument } }]);
  });
});

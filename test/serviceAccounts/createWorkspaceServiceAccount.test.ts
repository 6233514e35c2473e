import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const CREATE = `mutation ($label: String!, $category: String, $workspaceUuid: Uuid!, $role: Role!) {
  createWorkspaceServiceAccount(label: $label, category: $category, workspaceUuid: $workspaceUuid, role: $role) {
    id apiKey category entityType workspaceUuid roleBindings { role workspace { id } }
  }
}`;

const { workspace, admin, editor, viewer, outsider } = await build.workspace();
const workspaceUuid = workspace.id;

describe("createWorkspaceServiceAccount", () => {
  it("creates one whose key reads this Workspace and no other", async () => {
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
  ])("gives %s only through those who hold it and may create", async (role, someone, answer) => {
    const label = `${role} by ${someone?.email}`;
    const { errors } = await as(someone).send(CREATE, { label, workspaceUuid, role });
    if (answer) expect(errors).toBeUndefined();
    else expect(errors).toMatchObject([{ message: DENIED }]);
    expect(await db.serviceAccount.count({ where: { label } })).toBe(answer ? 1 : 0);
  });

  it("refuses a machine's way up: an Editor account makes no Admin account", async () => {
    const machine = await build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId: workspaceUuid });
    const climb = await as(machine).send(CREATE, { label: "Up", workspaceUuid, role: "WORKSPACE_ADMIN" });
    expect(climb.errors).toMatchObject([{ message: DENIED, extensions: { code: "FORBIDDEN" } }]);
    const level = await as(machine).send(CREATE, { label: "Along", workspaceUuid, role: "WORKSPACE_EDITOR" });
    expect(level.errors).toBeUndefined();
  });

  it.each(["SYSTEM_ADMIN", "DEPLOYMENT_VIEWER", "USER"])("refuses the role %s", async (role) => {
    const { errors } = await as(admin).send(CREATE, { label: "Misfit", workspaceUuid, role });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "role" } }]);
  });

  it("gives a label once in a Workspace, and again in the next", async () => {
    const next = await build.workspace();
    const label = "Once";
    const role = "WORKSPACE_VIEWER";
    expect((await as(admin).send(CREATE, { label, workspaceUuid, role })).errors).toBeUndefined();
    expect((await as(admin).send(CREATE, { label: " Once ", workspaceUuid, role })).errors).toMatchObject([
      { extensions: { code: "CONFLICT", argument: "label" } },
    ]);
    const sent = { label, workspaceUuid: next.workspace.id, role };
    expect((await as(next.admin).send(CREATE, sent)).errors).toBeUndefined();
  });

  it.each([
    [{ label: "" }, "label"],
    [{ label: "x".repeat(81) }, "label"],
    [{ category: "x".repeat(81) }, "category"],
    [{ workspaceUuid: "" }, "workspaceUuid"],
  ])("refuses %o", async (given, argument) => {
    const sent = { label: "ok", workspaceUuid, role: "WORKSPACE_VIEWER", ...given };
    const { errors } = await as(admin).send(CREATE, sent);
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument } }]);
  });
});

import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const recut = await testHouston({ roles: { WORKSPACE_EDITOR: { permissions: { "workspace.iam.update": true } } } });

const UPSERT = `mutation ($email: String!, $workspaceUuid: Uuid!, $role: Role!) {
  workspaceUpsertUserRole(email: $email, workspaceUuid: $workspaceUuid, role: $role)
}`;
const rolesOf = async (userId: string) =>
  (await db.roleBinding.findMany({ where: { userId } })).map(({ role }) => role);

describe("workspaceUpsertUserRole", () => {
  it("grants the role to members and other users, and returns it as a plain value", async () => {
    const { workspace, admin, viewer, outsider } = await build.workspace();
    for (const { id, email } of [viewer, outsider]) {
      for (const role of ["WORKSPACE_EDITOR", "WORKSPACE_VIEWER"]) {
        const { data } = await as(admin).send(UPSERT, { email, workspaceUuid: workspace.id, role });
        expect(data.workspaceUpsertUserRole).toBe(role);
        expect(await rolesOf(id)).toEqual([role]);
      }
    }
    expect(outcomeOf(await as(viewer).send("{ self { user { id } } }"))).toBe("ok");
    expect(await db.auditEntry.count({ where: { action: "workspaceUpsertUserRole" } })).toBe(4);
  });

  it("creates one binding for many concurrent requests", async () => {
    const { workspace, admin, outsider } = await build.workspace();
    const roles = ["WORKSPACE_VIEWER", "WORKSPACE_EDITOR"];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        as(admin).send(UPSERT, { email: outsider.email, workspaceUuid: workspace.id, role: roles[n % 2] }),
      ),
    );
    expect(new Set(answers.map(outcomeOf))).toEqual(new Set(["ok"]));
    expect(await rolesOf(outsider.id)).toHaveLength(1);
  });

  it("never lowers the last Admin", async () => {
    const { workspace, admin } = await build.workspace();
    const variables = { email: admin.email, workspaceUuid: workspace.id, role: "WORKSPACE_VIEWER" };
    expect(outcomeOf(await as(admin).send(UPSERT, variables))).toBe("CONFLICT email");
    expect(await rolesOf(admin.id)).toEqual(["WORKSPACE_ADMIN"]);
  });

  it("rejects unknown addresses, roles of another level and malformed input", async () => {
    const { workspace, admin, viewer } = await build.workspace();
    const outcome = async (email: string, role: string) =>
      outcomeOf(await as(admin).send(UPSERT, { email, workspaceUuid: workspace.id, role }));
    expect(await outcome("nobody@example.com", "WORKSPACE_VIEWER")).toBe("NOT_FOUND email");
    expect(await outcome("nobody", "WORKSPACE_VIEWER")).toBe("BAD_USER_INPUT email");
    expect(await outcome(viewer.email, "DEPLOYMENT_VIEWER")).toBe("BAD_USER_INPUT role");
    expect(await rolesOf(viewer.id)).toEqual(["WORKSPACE_VIEWER"]);
  });

  it("denies editors, other Workspaces' Admins and anonymous callers", async () => {
    const { workspace, editor, outsider } = await build.workspace();
    const { admin } = await build.workspace();
    const variables = { email: outsider.email, workspaceUuid: workspace.id, role: "WORKSPACE_VIEWER" };
    expect(outcomeOf(await as(editor).send(UPSERT, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(admin).send(UPSERT, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(UPSERT, variables))).toBe("UNAUTHENTICATED");
    expect(await rolesOf(outsider.id)).toEqual([]);
  });

  it("denies roles above the caller's own, and lowering users with such roles", async () => {
    const { workspace, admin, editor, outsider } = await recut.build.workspace();
    await recut.build.user({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] });
    const outcome = async (email: string, role: string) =>
      outcomeOf(await recut.as(editor).send(UPSERT, { email, workspaceUuid: workspace.id, role }));
    expect(await outcome(outsider.email, "WORKSPACE_ADMIN")).toBe("FORBIDDEN");
    expect(await outcome(editor.email, "WORKSPACE_ADMIN")).toBe("FORBIDDEN");
    expect(await outcome(admin.email, "WORKSPACE_EDITOR")).toBe("FORBIDDEN");
    expect(await outcome(outsider.email, "WORKSPACE_EDITOR")).toBe("ok");
  });
});

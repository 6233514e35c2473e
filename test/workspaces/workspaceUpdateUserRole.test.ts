import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const recut = await testHouston({ roles: { WORKSPACE_EDITOR: { permissions: { "workspace.iam.update": true } } } });

const UPDATE = `mutation ($email: String!, $workspaceUuid: Uuid!, $role: Role!) {
  workspaceUpdateUserRole(email: $email, workspaceUuid: $workspaceUuid, role: $role)
}`;
const SELF = "{ self { user { id } } }";
const roleOf = async (userId: string) => (await db.roleBinding.findFirst({ where: { userId } }))?.role;

describe("workspaceUpdateUserRole", () => {
  it("changes the role and returns it as a plain value", async () => {
    const { workspace, admin, viewer } = await build.workspace();
    const { data } = await as(admin).send(UPDATE, {
      email: viewer.email.toUpperCase(),
      workspaceUuid: workspace.id,
      role: "WORKSPACE_EDITOR",
    });
    expect(data.workspaceUpdateUserRole).toBe("WORKSPACE_EDITOR");
    expect(await roleOf(viewer.id)).toBe("WORKSPACE_EDITOR");
    expect(await db.auditEntry.findFirst({ where: { workspaceId: workspace.id } })).toMatchObject({
      action: "workspaceUpdateUserRole",
      detail: { email: viewer.email, role: "WORKSPACE_EDITOR", before: "WORKSPACE_VIEWER" },
    });
  });

  it("keeps the sessions of a user whose role is lowered", async () => {
    const { workspace, admin, editor, viewer } = await build.workspace();
    const update = (email: string, role: string) =>
      as(admin).send(UPDATE, { email, workspaceUuid: workspace.id, role });
    await update(viewer.email, "WORKSPACE_ADMIN");
    await update(editor.email, "WORKSPACE_EDITOR");
    expect(outcomeOf(await as(viewer).send(SELF))).toBe("ok");
    expect(outcomeOf(await as(editor).send(SELF))).toBe("ok");
    await update(viewer.email, "WORKSPACE_EDITOR");
    expect(outcomeOf(await as(viewer).send(SELF))).toBe("ok");
  });

  it("changes the role in an open invitation", async () => {
    const { workspace, admin } = await build.workspace();
    const email = "guest@example.com";
    const { id } = await db.invite.create({
      data: {
        email,
        workspaceId: workspace.id,
        role: "WORKSPACE_VIEWER",
        tokenHash: "x",
        expiresAt: new Date(Date.now() + 60_000),
      },
    });
    const variables = { email, workspaceUuid: workspace.id, role: "WORKSPACE_ADMIN" };
    expect((await as(admin).send(UPDATE, variables)).data.workspaceUpdateUserRole).toBe("WORKSPACE_ADMIN");
    expect(await db.invite.findUniqueOrThrow({ where: { id } })).toMatchObject({ role: "WORKSPACE_ADMIN" });
  });

  it("never lowers the last Admin", async () => {
    const { workspace, admin } = await build.workspace();
    const variables = { email: admin.email, workspaceUuid: workspace.id };
    expect(outcomeOf(await as(admin).send(UPDATE, { ...variables, role: "WORKSPACE_EDITOR" }))).toBe("CONFLICT email");
    expect(outcomeOf(await as(admin).send(UPDATE, { ...variables, role: "WORKSPACE_ADMIN" }))).toBe("ok");
    expect(await roleOf(admin.id)).toBe("WORKSPACE_ADMIN");
  });

  it("rejects roles of another level, outsiders and malformed input", async () => {
    const { workspace, admin, viewer, outsider } = await build.workspace();
    const outcome = async (email: string, role: string) =>
      outcomeOf(await as(admin).send(UPDATE, { email, workspaceUuid: workspace.id, role }));
    expect(await outcome(viewer.email, "DEPLOYMENT_ADMIN")).toBe("BAD_USER_INPUT role");
    expect(await outcome(viewer.email, "SYSTEM_VIEWER")).toBe("BAD_USER_INPUT role");
    expect(await outcome("viewer", "WORKSPACE_VIEWER")).toBe("BAD_USER_INPUT email");
    expect(await outcome(outsider.email, "WORKSPACE_VIEWER")).toBe("NOT_FOUND email");
    expect(await outcome("nobody@example.com", "WORKSPACE_VIEWER")).toBe("NOT_FOUND email");
    expect(await roleOf(outsider.id)).toBeUndefined();
  });

  it("denies editors, other Workspaces' Admins and anonymous callers", async () => {
    const { workspace, editor, viewer } = await build.workspace();
    const { admin } = await build.workspace();
    const variables = { email: viewer.email, workspaceUuid: workspace.id, role: "WORKSPACE_EDITOR" };
    expect(outcomeOf(await as(editor).send(UPDATE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(admin).send(UPDATE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(UPDATE, variables))).toBe("UNAUTHENTICATED");
  });

  it("denies roles above the caller's own, and lowering users with such roles", async () => {
    const { workspace, admin, viewer } = await recut.build.workspace();
    await recut.build.user({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] });
    const account = await recut.build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId: workspace.id });
    const outcome = async (email: string, role: string) =>
      outcomeOf(await recut.as(account).send(UPDATE, { email, workspaceUuid: workspace.id, role }));
    expect(await outcome(viewer.email, "WORKSPACE_ADMIN")).toBe("FORBIDDEN");
    expect(await outcome(admin.email, "WORKSPACE_VIEWER")).toBe("FORBIDDEN");
    expect(await outcome(viewer.email, "WORKSPACE_EDITOR")).toBe("ok");
  });
});

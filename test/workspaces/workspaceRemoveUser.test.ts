import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const recut = await testHouston({ roles: { WORKSPACE_EDITOR: { permissions: { "workspace.iam.update": true } } } });

const REMOVE = `mutation ($userUuid: Uuid, $email: String, $workspaceUuid: Uuid!) {
  workspaceRemoveUser(userUuid: $userUuid, email: $email, workspaceUuid: $workspaceUuid) { id users { id } }
}`;
const SELF = "{ self { user { id } } }";

describe("workspaceRemoveUser", () => {
  it.each(["userUuid", "email", "both"])("removes a user by %s, with their roles in its Deployments", async (by) => {
    const { workspace, admin, editor } = await build.workspace();
    const [here, elsewhere] = [await build.deployment({ workspaceId: workspace.id }), await build.deployment()];
    for (const deploymentId of [here.deployment.id, elsewhere.deployment.id]) {
      await db.roleBinding.create({ data: { userId: editor.id, deploymentId, role: "DEPLOYMENT_EDITOR" } });
    }
    const userUuid = by === "email" ? "" : editor.id;
    const email = by === "userUuid" ? "" : editor.email.toUpperCase();
    const { data } = await as(admin).send(REMOVE, { userUuid, email, workspaceUuid: workspace.id });
    expect(data.workspaceRemoveUser.id).toBe(workspace.id);
    expect(data.workspaceRemoveUser.users).toHaveLength(2);
    expect(await db.roleBinding.findMany({ where: { userId: editor.id } })).toMatchObject([
      { deploymentId: elsewhere.deployment.id },
    ]);
    expect(outcomeOf(await as(editor).send(SELF))).toBe("ok");
    expect(await db.auditEntry.findFirst({ where: { workspaceId: workspace.id } })).toMatchObject({
      action: "workspaceRemoveUser",
      detail: { userId: editor.id, role: "WORKSPACE_EDITOR" },
    });
  });

  it("ends no sessions: anyone can make a Workspace, and nobody signs others out that way", async () => {
    const { editor } = await build.workspace();
    const { workspace, admin } = await build.workspace();
    await db.roleBinding.create({ data: { userId: editor.id, workspaceId: workspace.id, role: "WORKSPACE_VIEWER" } });
    const query = `{ workspaceUsers(workspaceUuid: "${workspace.id}") { id } }`;
    expect((await as(editor).send(query)).data.workspaceUsers).toHaveLength(4);
    const answer = await as(admin).send(REMOVE, { userUuid: editor.id, workspaceUuid: workspace.id });
    expect(outcomeOf(answer)).toBe("ok");
    expect(outcomeOf(await as(editor).send(query))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(editor).send(SELF))).toBe("ok");
    expect(await db.session.count({ where: { userId: editor.id } })).toBe(1);
  });

  it("lets everyone leave by themselves, and nobody remove others that way", async () => {
    const { workspace, admin, editor, viewer, outsider } = await build.workspace();
    const { deployment } = await build.deployment({ workspaceId: workspace.id });
    await db.roleBinding.create({
      data: { userId: viewer.id, deploymentId: deployment.id, role: "DEPLOYMENT_EDITOR" },
    });
    const invited = "stays-invited@example.com";
    const invite = { email: invited, workspaceId: workspace.id, role: "WORKSPACE_VIEWER" as const, tokenHash: "leave" };
    await db.invite.create({ data: { ...invite, expiresAt: new Date(Date.now() + 60_000) } });
    const outcome = async (someone: { token: string }, given: object) =>
      outcomeOf(await as(someone).send(REMOVE, { workspaceUuid: workspace.id, ...given }));
    expect(await outcome(viewer, { userUuid: editor.id })).toBe("FORBIDDEN");
    expect(await outcome(viewer, { email: editor.email })).toBe("FORBIDDEN");
    expect(await outcome(viewer, { userUuid: viewer.id, email: editor.email })).toBe("BAD_USER_INPUT userUuid");
    expect(await outcome(viewer, { userUuid: viewer.id, email: invited })).toBe("BAD_USER_INPUT userUuid");
    expect(await outcome(outsider, { userUuid: outsider.id })).toBe("FORBIDDEN");
    expect(await db.invite.count({ where: { email: invited } })).toBe(1);
    expect(await outcome(viewer, { userUuid: viewer.id })).toBe("ok");
    expect(await db.roleBinding.count({ where: { userId: viewer.id } })).toBe(0);
    expect(await outcome(editor, { userUuid: editor.id, email: editor.email })).toBe("ok");
    expect(await outcome(admin, { userUuid: admin.id })).toBe("CONFLICT userUuid");
  });

  it("deletes an open invitation", async () => {
    const { workspace, admin } = await build.workspace();
    const email = "guest@example.com";
    const expiresAt = new Date(Date.now() + 60_000);
    await db.invite.create({
      data: { email, workspaceId: workspace.id, role: "WORKSPACE_VIEWER", tokenHash: "x", expiresAt },
    });
    await db.invite.create({ data: { email, tokenHash: "y", expiresAt } });
    const variables = { email, workspaceUuid: workspace.id };
    expect(outcomeOf(await as(admin).send(REMOVE, variables))).toBe("ok");
    expect(await db.invite.findMany({ where: { email } })).toMatchObject([{ workspaceId: null }]);
    expect(outcomeOf(await as(admin).send(REMOVE, variables))).toBe("NOT_FOUND email");
  });

  it("allows an Admin to leave while there is another, but never the last one", async () => {
    const { workspace, admin } = await build.workspace();
    const second = await build.user({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] });
    const { data } = await as(second).send(REMOVE, { userUuid: second.id, workspaceUuid: workspace.id });
    expect(data.workspaceRemoveUser).toEqual({ id: workspace.id, users: [] });
    const answer = await as(admin).send(REMOVE, { userUuid: admin.id, workspaceUuid: workspace.id });
    expect(outcomeOf(answer)).toBe("CONFLICT userUuid");
    expect(await db.roleBinding.count({ where: { userId: admin.id } })).toBe(1);
    expect(outcomeOf(await as(admin).send(SELF))).toBe("ok");
  });

  it("rejects outsiders, and arguments that name none or two users", async () => {
    const { workspace, admin, editor, viewer, outsider } = await build.workspace();
    const outcome = async (given: object) =>
      outcomeOf(await as(admin).send(REMOVE, { workspaceUuid: workspace.id, ...given }));
    expect(await outcome({ userUuid: outsider.id })).toBe("NOT_FOUND userUuid");
    expect(await outcome({ userUuid: "nobody" })).toBe("NOT_FOUND userUuid");
    expect(await outcome({ email: outsider.email })).toBe("NOT_FOUND email");
    expect(await outcome({ email: "guest" })).toBe("BAD_USER_INPUT email");
    expect(await outcome({ email: "", userUuid: null })).toBe("BAD_USER_INPUT userUuid, email");
    expect(await outcome({ email: editor.email, userUuid: viewer.id })).toBe("BAD_USER_INPUT userUuid");
    expect(await db.roleBinding.count({ where: { workspaceId: workspace.id } })).toBe(3);
    expect(outcomeOf(await as(outsider).send(SELF))).toBe("ok");
  });

  it("denies editors, other Workspaces' Admins and anonymous callers", async () => {
    const { workspace, editor, viewer } = await build.workspace();
    const { admin } = await build.workspace();
    const variables = { userUuid: viewer.id, workspaceUuid: workspace.id };
    expect(outcomeOf(await as(editor).send(REMOVE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(admin).send(REMOVE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(REMOVE, variables))).toBe("UNAUTHENTICATED");
  });

  it("denies removing users with higher roles", async () => {
    const { workspace, admin, editor, viewer } = await recut.build.workspace();
    await recut.build.user({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] });
    const outcome = async (userUuid: string) =>
      outcomeOf(await recut.as(editor).send(REMOVE, { userUuid, workspaceUuid: workspace.id }));
    expect(await outcome(admin.id)).toBe("FORBIDDEN");
    expect(await outcome(viewer.id)).toBe("ok");
  });
});

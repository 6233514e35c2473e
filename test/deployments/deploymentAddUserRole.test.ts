import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const recut = await testHouston({
  roles: { DEPLOYMENT_EDITOR: { permissions: { "deployment.userRoles.update": true } } },
});

const ADD = `mutation ($userId: Id, $deploymentId: Id!, $email: String!, $role: Role!) {
  deploymentAddUserRole(userId: $userId, deploymentId: $deploymentId, email: $email, role: $role) {
    id role user { id username } deployment { id releaseName }
  }
}`;

/** A user with a role in the Workspace of the Deployment. */
const memberOf = ({ workspaceId }: { workspaceId: string }, on: Pick<typeof build, "user"> = build) =>
  on.user({ roles: [{ role: "WORKSPACE_VIEWER", workspaceId }] });

describe("deploymentAddUserRole", () => {
  it("binds a user and returns the binding", async () => {
    const { deployment, admin, home } = await build.deployment();
    const account = await build.serviceAccount({ role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id });
    for (const someone of [admin, home?.admin, account]) {
      const user = await memberOf(deployment);
      const { data } = await as(someone).send(ADD, {
        userId: someone === admin ? user.id : "",
        email: user.email.toUpperCase(),
        deploymentId: deployment.id,
        role: "DEPLOYMENT_EDITOR",
      });
      const row = await db.roleBinding.findFirstOrThrow({ where: { userId: user.id, workspaceId: null } });
      expect(row).toMatchObject({ deploymentId: deployment.id, workspaceId: null, role: "DEPLOYMENT_EDITOR" });
      expect(data.deploymentAddUserRole).toEqual({
        id: row.id,
        role: "DEPLOYMENT_EDITOR",
        user: { id: user.id, username: user.username },
        deployment: { id: deployment.id, releaseName: deployment.releaseName },
      });
    }
    expect(await db.auditEntry.count({ where: { entityId: deployment.id, action: "deploymentAddUserRole" } })).toBe(3);
  });

  it("creates one role for many concurrent requests", async () => {
    const { deployment, admin } = await build.deployment();
    const { id, email } = await memberOf(deployment);
    const variables = { email, deploymentId: deployment.id, role: "DEPLOYMENT_VIEWER" };
    const answers = await Promise.all(Array.from({ length: 10 }, () => as(admin).send(ADD, variables)));
    expect(answers.map(outcomeOf).sort()).toEqual([...Array(9).fill("CONFLICT email"), "ok"]);
    expect(await db.roleBinding.count({ where: { userId: id, deploymentId: deployment.id } })).toBe(1);
  });

  it("rejects unknown or contradicting users, roles of another level and malformed input", async () => {
    const { deployment, admin, viewer } = await build.deployment();
    const { id, email } = await memberOf(deployment);
    const outcome = async (given: object) =>
      outcomeOf(await as(admin).send(ADD, { email, deploymentId: deployment.id, role: "DEPLOYMENT_VIEWER", ...given }));
    expect(await outcome({ email: "nobody@example.com" })).toBe("BAD_USER_INPUT email");
    expect(await outcome({ email: "nobody" })).toBe("BAD_USER_INPUT email");
    expect(await outcome({ userId: admin.id })).toBe("BAD_USER_INPUT userId");
    expect(await outcome({ role: "WORKSPACE_VIEWER" })).toBe("BAD_USER_INPUT role");
    expect(await outcome({ role: "SYSTEM_ADMIN" })).toBe("BAD_USER_INPUT role");
    expect(await outcome({ email: viewer.email })).toBe("CONFLICT email");
    expect(await outcome({ deploymentId: "" })).toBe("BAD_USER_INPUT deploymentId");
    expect(await db.roleBinding.count({ where: { userId: id } })).toBe(1);
  });

  it("rejects a user without a role of their own in the Workspace, and names the way in", async () => {
    const { deployment, admin, home } = await build.deployment();
    const role = { role: "WORKSPACE_EDITOR" as const, workspaceId: deployment.workspaceId };
    const elsewhere = await build.workspace();
    const { member: byTeam } = await build.team({ roles: [role] });
    const { editor: ofDeployment } = await build.deployment({ workspaceId: deployment.workspaceId });
    const outsiders = [await build.user(), elsewhere.admin, byTeam, ofDeployment, await build.systemAdmin()];
    for (const { id, email } of outsiders) {
      const answer = await as(admin).send(ADD, { email, deploymentId: deployment.id, role: "DEPLOYMENT_VIEWER" });
      expect(outcomeOf(answer)).toBe("BAD_USER_INPUT email");
      expect(answer.errors?.[0]?.message).toContain("workspaceAddUser");
      expect(await db.roleBinding.count({ where: { userId: id, deploymentId: deployment.id } })).toBe(0);
    }
    const [{ email } = byTeam] = outsiders;
    const add = `mutation ($email: String!, $w: Uuid) { workspaceAddUser(email: $email, workspaceUuid: $w) { id } }`;
    expect(outcomeOf(await as(home?.admin).send(add, { email, w: deployment.workspaceId }))).toBe("ok");
    const again = await as(admin).send(ADD, { email, deploymentId: deployment.id, role: "DEPLOYMENT_VIEWER" });
    expect(outcomeOf(again)).toBe("ok");
  });

  it("leaves no role behind when the user is removed from the Workspace at the same time", async () => {
    const { deployment, admin, home } = await build.deployment();
    const remove = `mutation ($email: String, $w: Uuid!) {
      workspaceRemoveUser(email: $email, workspaceUuid: $w) { id }
    }`;
    for (let n = 0; n < 5; n += 1) {
      const { id, email } = await memberOf(deployment);
      const add = { email, deploymentId: deployment.id, role: "DEPLOYMENT_VIEWER" };
      const [removed] = await Promise.all([
        as(home?.admin).send(remove, { email, w: deployment.workspaceId }),
        as(admin).send(ADD, add),
      ]);
      expect(outcomeOf(removed)).toBe("ok");
      expect(await db.roleBinding.count({ where: { userId: id } })).toBe(0);
    }
  });

  it("denies editors, Workspace Editors, other Deployments' Admins and anonymous callers", async () => {
    const { deployment, editor, home } = await build.deployment();
    const other = await build.deployment();
    const { email } = await build.user();
    const variables = { email, deploymentId: deployment.id, role: "DEPLOYMENT_VIEWER" };
    for (const someone of [editor, home?.editor, other.admin, other.home?.admin]) {
      expect(outcomeOf(await as(someone).send(ADD, variables))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await as(undefined).send(ADD, variables))).toBe("UNAUTHENTICATED");
  });

  it("denies roles above the caller's own", async () => {
    const { deployment, editor } = await recut.build.deployment();
    const { email } = await memberOf(deployment, recut.build);
    const outcome = async (role: string) =>
      outcomeOf(await recut.as(editor).send(ADD, { email, deploymentId: deployment.id, role }));
    expect(await outcome("DEPLOYMENT_ADMIN")).toBe("FORBIDDEN");
    expect(await outcome("DEPLOYMENT_EDITOR")).toBe("ok");
  });
});

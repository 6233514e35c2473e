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

describe("deploymentAddUserRole", () => {
  it("binds a user and returns the binding", async () => {
    const { deployment, admin, home } = await build.deployment();
    const account = await build.serviceAccount({ role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id });
    for (const someone of [admin, home?.admin, account]) {
      const user = await build.user();
      const { data } = await as(someone).send(ADD, {
        userId: someone === admin ? user.id : "",
        email: user.email.toUpperCase(),
        deploymentId: deployment.id,
        role: "DEPLOYMENT_EDITOR",
      });
      const row = await db.roleBinding.findFirstOrThrow({ where: { userId: user.id } });
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
    const { id, email } = await build.user();
    const variables = { email, deploymentId: deployment.id, role: "DEPLOYMENT_VIEWER" };
    const answers = await Promise.all(Array.from({ length: 10 }, () => as(admin).send(ADD, variables)));
    expect(answers.map(outcomeOf).sort()).toEqual([...Array(9).fill("CONFLICT email"), "ok"]);
    expect(await db.roleBinding.count({ where: { userId: id } })).toBe(1);
  });

  it("rejects unknown or contradicting users, roles of another level and malformed input", async () => {
    const { deployment, admin, viewer } = await build.deployment();
    const { id, email } = await build.user();
    const outcome = async (given: object) =>
      outcomeOf(await as(admin).send(ADD, { email, deploymentId: deployment.id, role: "DEPLOYMENT_VIEWER", ...given }));
    expect(await outcome({ email: "nobody@example.com" })).toBe("NOT_FOUND email");
    expect(await outcome({ email: "nobody" })).toBe("BAD_USER_INPUT email");
    expect(await outcome({ userId: admin.id })).toBe("BAD_USER_INPUT userId");
    expect(await outcome({ role: "WORKSPACE_VIEWER" })).toBe("BAD_USER_INPUT role");
    expect(await outcome({ role: "SYSTEM_ADMIN" })).toBe("BAD_USER_INPUT role");
    expect(await outcome({ email: viewer.email })).toBe("CONFLICT email");
    expect(await outcome({ deploymentId: "" })).toBe("BAD_USER_INPUT deploymentId");
    expect(await db.roleBinding.count({ where: { userId: id } })).toBe(0);
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
    const { email } = await recut.build.user();
    const outcome = async (role: string) =>
      outcomeOf(await recut.as(editor).send(ADD, { email, deploymentId: deployment.id, role }));
    expect(await outcome("DEPLOYMENT_ADMIN")).toBe("FORBIDDEN");
    expect(await outcome("DEPLOYMENT_EDITOR")).toBe("ok");
  });
});

import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const recut = await testHouston({
  roles: { DEPLOYMENT_EDITOR: { permissions: { "deployment.userRoles.update": true } } },
});

const UPDATE = `mutation ($userId: Id, $deploymentId: Id!, $email: String!, $role: Role!) {
  deploymentUpdateUserRole(userId: $userId, deploymentId: $deploymentId, email: $email, role: $role) {
    id role user { id } deployment { id }
  }
}`;
const SELF = "{ self { user { id } } }";

describe("deploymentUpdateUserRole", () => {
  it("changes a role and keeps the user's sessions, also for a lower one", async () => {
    const { deployment, admin, viewer } = await build.deployment();
    for (const role of ["DEPLOYMENT_ADMIN", "DEPLOYMENT_EDITOR"] as const) {
      const { data } = await as(admin).send(UPDATE, {
        userId: "",
        email: viewer.email.toUpperCase(),
        deploymentId: deployment.id,
        role,
      });
      const row = await db.roleBinding.findFirstOrThrow({ where: { userId: viewer.id } });
      expect(row.role).toBe(role);
      expect(data.deploymentUpdateUserRole).toEqual({
        id: row.id,
        role,
        user: { id: viewer.id },
        deployment: { id: deployment.id },
      });
      expect(outcomeOf(await as(viewer).send(SELF))).toBe("ok");
    }
    expect(await db.auditEntry.count({ where: { entityId: deployment.id } })).toBe(2);
  });

  it("never lowers the last Deployment Admin, also under concurrent requests", async () => {
    const { deployment, admin, viewer, home } = await build.deployment();
    const change = (email: string, role: string) =>
      as(home?.admin).send(UPDATE, { email, deploymentId: deployment.id, role });
    expect(outcomeOf(await change(admin.email, "DEPLOYMENT_EDITOR"))).toBe("CONFLICT email");
    await change(viewer.email, "DEPLOYMENT_ADMIN");
    const emails = [admin.email, viewer.email];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => change(emails[n % 2] ?? "", "DEPLOYMENT_VIEWER")),
    );
    expect(new Set(answers.map(outcomeOf))).toEqual(new Set(["ok", "CONFLICT email"]));
    const where = { deploymentId: deployment.id, role: "DEPLOYMENT_ADMIN" } as const;
    expect(await db.roleBinding.count({ where })).toBe(1);
  });

  it("rejects users without a role there, contradicting users and roles of another level", async () => {
    const { deployment, admin, viewer, home } = await build.deployment();
    const outcome = async (given: object) =>
      outcomeOf(
        await as(admin).send(UPDATE, {
          email: viewer.email,
          deploymentId: deployment.id,
          role: "DEPLOYMENT_EDITOR",
          ...given,
        }),
      );
    expect(await outcome({ email: home?.viewer.email })).toBe("NOT_FOUND email");
    expect(await outcome({ email: "nobody@example.com" })).toBe("NOT_FOUND email");
    expect(await outcome({ userId: admin.id })).toBe("BAD_USER_INPUT userId");
    expect(await outcome({ role: "WORKSPACE_EDITOR" })).toBe("BAD_USER_INPUT role");
    expect(await outcome({ email: "viewer" })).toBe("BAD_USER_INPUT email");
    expect(await db.roleBinding.findFirst({ where: { userId: viewer.id } })).toMatchObject({
      role: "DEPLOYMENT_VIEWER",
    });
  });

  it("denies editors, other Deployments' Admins and anonymous callers", async () => {
    const { deployment, editor, viewer } = await build.deployment();
    const { admin } = await build.deployment();
    const variables = { email: viewer.email, deploymentId: deployment.id, role: "DEPLOYMENT_EDITOR" };
    expect(outcomeOf(await as(editor).send(UPDATE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(admin).send(UPDATE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(UPDATE, variables))).toBe("UNAUTHENTICATED");
  });

  it("denies lowering users with more permissions than the caller", async () => {
    const { deployment, admin, editor, viewer } = await recut.build.deployment();
    await recut.build.user({ roles: [{ role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id }] });
    const outcome = async (email: string, role: string) =>
      outcomeOf(await recut.as(editor).send(UPDATE, { email, deploymentId: deployment.id, role }));
    expect(await outcome(admin.email, "DEPLOYMENT_VIEWER")).toBe("FORBIDDEN");
    expect(await outcome(viewer.email, "DEPLOYMENT_ADMIN")).toBe("FORBIDDEN");
    expect(await outcome(viewer.email, "DEPLOYMENT_EDITOR")).toBe("ok");
  });
});

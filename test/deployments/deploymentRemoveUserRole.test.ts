import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const REMOVE = `mutation ($userId: Id, $deploymentId: Id!, $email: String!) {
  deploymentRemoveUserRole(userId: $userId, deploymentId: $deploymentId, email: $email) {
    id role user { id } deployment { id }
  }
}`;

describe("deploymentRemoveUserRole", () => {
  it("lets everyone give up their own role, and nobody take others' that way", async () => {
    const { deployment, editor, viewer, home } = await build.deployment();
    const outcome = async (someone: { token: string } | undefined, given: object) =>
      outcomeOf(await as(someone).send(REMOVE, { deploymentId: deployment.id, ...given }));
    expect(await outcome(viewer, { userId: editor.id, email: editor.email })).toBe("FORBIDDEN");
    expect(await outcome(viewer, { userId: viewer.id, email: editor.email })).toBe("FORBIDDEN");
    const outsider = home?.outsider;
    expect(await outcome(outsider, { userId: outsider?.id, email: outsider?.email })).toBe("FORBIDDEN");
    expect(await db.roleBinding.count({ where: { deploymentId: deployment.id } })).toBe(3);
    expect(await outcome(viewer, { userId: viewer.id, email: viewer.email })).toBe("ok");
    expect(await db.roleBinding.count({ where: { userId: viewer.id } })).toBe(0);
  });

  it("removes the role, returns the deleted binding and keeps the user's sessions", async () => {
    const { deployment, editor, home } = await build.deployment();
    const row = await db.roleBinding.findFirstOrThrow({ where: { userId: editor.id } });
    const { data } = await as(home?.admin).send(REMOVE, {
      userId: editor.id,
      email: editor.email.toUpperCase(),
      deploymentId: deployment.id,
    });
    expect(data.deploymentRemoveUserRole).toEqual({
      id: row.id,
      role: "DEPLOYMENT_EDITOR",
      user: { id: editor.id },
      deployment: { id: deployment.id },
    });
    expect(await db.roleBinding.count({ where: { userId: editor.id } })).toBe(0);
    expect(outcomeOf(await as(editor).send("{ self { user { id } } }"))).toBe("ok");
    expect(await db.auditEntry.findFirst({ where: { entityId: deployment.id } })).toMatchObject({
      action: "deploymentRemoveUserRole",
      workspaceId: home?.workspace.id,
    });
  });

  it("never removes the last Deployment Admin, also under concurrent requests", async () => {
    const { deployment, admin } = await build.deployment();
    const others = await Promise.all(
      Array.from({ length: 9 }, () =>
        build.user({ roles: [{ role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id }] }),
      ),
    );
    const answers = await Promise.all(
      [admin, ...others].map((one) => as(one).send(REMOVE, { email: one.email, deploymentId: deployment.id })),
    );
    expect(answers.map(outcomeOf).sort()).toEqual(["CONFLICT email", ...Array(9).fill("ok")]);
    const where = { deploymentId: deployment.id, role: "DEPLOYMENT_ADMIN" } as const;
    expect(await db.roleBinding.count({ where })).toBe(1);
  });

  it("rejects users without a role there, contradicting users and malformed input", async () => {
    const { deployment, admin, viewer, home } = await build.deployment();
    const outcome = async (given: object) =>
      outcomeOf(await as(admin).send(REMOVE, { email: viewer.email, deploymentId: deployment.id, ...given }));
    expect(await outcome({ email: home?.viewer.email })).toBe("NOT_FOUND email");
    expect(await outcome({ email: "nobody@example.com" })).toBe("NOT_FOUND email");
    expect(await outcome({ userId: admin.id })).toBe("BAD_USER_INPUT userId");
    expect(await outcome({ email: "viewer" })).toBe("BAD_USER_INPUT email");
    expect(await db.roleBinding.count({ where: { deploymentId: deployment.id } })).toBe(3);
  });

  it("denies editors, other Deployments' Admins and anonymous callers", async () => {
    const { deployment, editor, viewer } = await build.deployment();
    const { admin } = await build.deployment();
    const variables = { email: viewer.email, deploymentId: deployment.id };
    expect(outcomeOf(await as(editor).send(REMOVE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(admin).send(REMOVE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(REMOVE, variables))).toBe("UNAUTHENTICATED");
  });
});

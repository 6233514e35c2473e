import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const recut = await testHouston({
  roles: { DEPLOYMENT_EDITOR: { permissions: { "deployment.teamRoles.update": true } } },
});

const ADD = `mutation ($teamUuid: Uuid!, $deploymentUuid: Uuid!, $role: Role!) {
  deploymentAddTeamRole(teamUuid: $teamUuid, deploymentUuid: $deploymentUuid, role: $role) {
    id role team { id name } user { id } deployment { id }
  }
}`;

describe("deploymentAddTeamRole", () => {
  it("grants a team a role for a Deployment Admin or a Workspace Admin", async () => {
    const { deployment, admin, home } = await build.deployment();
    for (const someone of [admin, home?.admin]) {
      const { team } = await build.team();
      const variables = { teamUuid: team.id, deploymentUuid: deployment.id, role: "DEPLOYMENT_ADMIN" };
      const { data } = await as(someone).send(ADD, variables);
      const binding = await db.roleBinding.findFirstOrThrow({ where: { teamId: team.id } });
      expect(binding).toMatchObject({ deploymentId: deployment.id, role: "DEPLOYMENT_ADMIN" });
      expect(data.deploymentAddTeamRole).toEqual({
        id: binding.id,
        role: "DEPLOYMENT_ADMIN",
        team: { id: team.id, name: team.name },
        user: null,
        deployment: { id: deployment.id },
      });
      expect(outcomeOf(await as(someone).send(ADD, variables))).toBe("CONFLICT teamUuid");
    }
    expect(await db.auditEntry.count({ where: { action: "deploymentAddTeamRole", entityId: deployment.id } })).toBe(2);
  });

  it("rejects roles of another level, unknown teams and deleted Deployments", async () => {
    const { deployment, admin } = await build.deployment();
    const { team } = await build.team();
    const boss = await build.systemAdmin();
    const outcome = async (given: object, someone = admin) => {
      const variables = { teamUuid: team.id, deploymentUuid: deployment.id, role: "DEPLOYMENT_VIEWER", ...given };
      return outcomeOf(await as(someone).send(ADD, variables));
    };
    expect(await outcome({ role: "WORKSPACE_VIEWER" })).toBe("BAD_USER_INPUT role");
    expect(await outcome({ role: "USER" })).toBe("BAD_USER_INPUT role");
    expect(await outcome({ teamUuid: "nothing" })).toBe("NOT_FOUND teamUuid");
    expect(await outcome({ deploymentUuid: "" })).toBe("BAD_USER_INPUT deploymentUuid");
    const gone = await build.deployment({ deletedAt: new Date() });
    expect(await outcome({ deploymentUuid: gone.deployment.id }, boss)).toBe("NOT_FOUND deploymentUuid");
    expect(await db.roleBinding.count({ where: { teamId: team.id } })).toBe(0);
  });

  it("denies roles above the caller's own", async () => {
    const { deployment, editor } = await recut.build.deployment();
    const { team } = await recut.build.team({ members: [editor] });
    const outcome = async (role: string) =>
      outcomeOf(await recut.as(editor).send(ADD, { teamUuid: team.id, deploymentUuid: deployment.id, role }));
    expect(await outcome("DEPLOYMENT_ADMIN")).toBe("FORBIDDEN");
    expect(await recut.db.roleBinding.count({ where: { teamId: team.id } })).toBe(0);
    expect(await outcome("DEPLOYMENT_EDITOR")).toBe("ok");
  });

  it("denies editors, other Deployments' Admins and anonymous callers", async () => {
    const { deployment, editor, home } = await build.deployment();
    const { admin } = await build.deployment();
    const { team } = await build.team();
    const variables = { teamUuid: team.id, deploymentUuid: deployment.id, role: "DEPLOYMENT_VIEWER" };
    for (const someone of [editor, home?.editor, admin]) {
      expect(outcomeOf(await as(someone).send(ADD, variables))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await as(undefined).send(ADD, variables))).toBe("UNAUTHENTICATED");
  });
});

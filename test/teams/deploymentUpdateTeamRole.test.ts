import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const recut = await testHouston({
  roles: { DEPLOYMENT_EDITOR: { permissions: { "deployment.teamRoles.update": true } } },
});

const UPDATE = `mutation ($teamUuid: Uuid!, $deploymentUuid: Uuid!, $role: Role!) {
  deploymentUpdateTeamRole(teamUuid: $teamUuid, deploymentUuid: $deploymentUuid, role: $role) { id role team { id } }
}`;
const SELF = "{ self { user { id } } }";

describe("deploymentUpdateTeamRole", () => {
  it("changes the role and keeps the members' sessions, also for a lower one", async () => {
    const { deployment, admin } = await build.deployment();
    const { team, member } = await build.team({ roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id }] });
    const set = (role: string) => as(admin).send(UPDATE, { teamUuid: team.id, deploymentUuid: deployment.id, role });
    const { data } = await set("DEPLOYMENT_ADMIN");
    expect(data.deploymentUpdateTeamRole).toMatchObject({ role: "DEPLOYMENT_ADMIN", team: { id: team.id } });
    expect(outcomeOf(await as(member).send(SELF))).toBe("ok");
    expect(outcomeOf(await set("DEPLOYMENT_EDITOR"))).toBe("ok");
    expect(outcomeOf(await as(member).send(SELF))).toBe("ok");
    expect(await db.roleBinding.findMany({ where: { teamId: team.id } })).toMatchObject([
      { id: data.deploymentUpdateTeamRole.id, role: "DEPLOYMENT_EDITOR" },
    ]);
    const entries = await db.auditEntry.findMany({ where: { entityId: deployment.id }, orderBy: { id: "asc" } });
    expect(entries).toHaveLength(2);
    expect(entries.map(({ action }) => action)).toEqual(Array(2).fill("deploymentUpdateTeamRole"));
  });

  it("rejects roles of another level, and teams without a role there", async () => {
    const { deployment, admin, home } = await build.deployment();
    const { team } = await build.team({
      roles: [{ role: "WORKSPACE_VIEWER", workspaceId: home?.workspace.id ?? "" }],
    });
    const outcome = async (given: object) => {
      const variables = { teamUuid: team.id, deploymentUuid: deployment.id, role: "DEPLOYMENT_VIEWER", ...given };
      return outcomeOf(await as(admin).send(UPDATE, variables));
    };
    expect(await outcome({})).toBe("NOT_FOUND teamUuid");
    expect(await outcome({ teamUuid: "nothing" })).toBe("NOT_FOUND teamUuid");
    expect(await outcome({ role: "SYSTEM_VIEWER" })).toBe("BAD_USER_INPUT role");
    expect(await db.roleBinding.findMany({ where: { teamId: team.id } })).toMatchObject([{ role: "WORKSPACE_VIEWER" }]);
  });

  it("denies roles above the caller's own, and lowering such a role", async () => {
    const { deployment, editor } = await recut.build.deployment();
    const high = await recut.build.team({ roles: [{ role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id }] });
    const low = await recut.build.team({ roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id }] });
    const outcome = async (teamUuid: string, role: string) =>
      outcomeOf(await recut.as(editor).send(UPDATE, { teamUuid, deploymentUuid: deployment.id, role }));
    expect(await outcome(high.team.id, "DEPLOYMENT_VIEWER")).toBe("FORBIDDEN");
    expect(await outcome(low.team.id, "DEPLOYMENT_ADMIN")).toBe("FORBIDDEN");
    expect(await outcome(low.team.id, "DEPLOYMENT_EDITOR")).toBe("ok");
  });

  it("denies editors, members and anonymous callers", async () => {
    const { deployment, editor } = await build.deployment();
    const { team, member } = await build.team({ roles: [{ role: "DEPLOYMENT_EDITOR", deploymentId: deployment.id }] });
    const variables = { teamUuid: team.id, deploymentUuid: deployment.id, role: "DEPLOYMENT_VIEWER" };
    expect(outcomeOf(await as(editor).send(UPDATE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(member).send(UPDATE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(UPDATE, variables))).toBe("UNAUTHENTICATED");
  });
});

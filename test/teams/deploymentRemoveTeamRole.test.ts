import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const recut = await testHouston({
  roles: { DEPLOYMENT_EDITOR: { permissions: { "deployment.teamRoles.update": true } } },
});

const REMOVE = `mutation ($teamUuid: Uuid!, $deploymentUuid: Uuid!) {
  deploymentRemoveTeamRole(teamUuid: $teamUuid, deploymentUuid: $deploymentUuid) { id role team { id } deployment { id } }
}`;
const SELF = "{ self { user { id } } }";

describe("deploymentRemoveTeamRole", () => {
  it("removes the role, returns it and keeps the team's other roles", async () => {
    const { deployment, admin } = await build.deployment();
    const other = await build.deployment();
    const { team, member } = await build.team({
      roles: [
        { role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id },
        { role: "DEPLOYMENT_VIEWER", deploymentId: other.deployment.id },
      ],
    });
    const variables = { teamUuid: team.id, deploymentUuid: deployment.id };
    const { data } = await as(admin).send(REMOVE, variables);
    expect(data.deploymentRemoveTeamRole).toMatchObject({
      role: "DEPLOYMENT_ADMIN",
      team: { id: team.id },
      deployment: { id: deployment.id },
    });
    expect(await db.roleBinding.findMany({ where: { teamId: team.id } })).toMatchObject([
      { deploymentId: other.deployment.id },
    ]);
    expect(outcomeOf(await as(member).send(SELF))).toBe("ok");
    expect(await db.auditEntry.findFirst({ where: { entityId: deployment.id } })).toMatchObject({
      action: "deploymentRemoveTeamRole",
      detail: { teamId: team.id, role: "DEPLOYMENT_ADMIN" },
    });
    expect(outcomeOf(await as(admin).send(REMOVE, variables))).toBe("NOT_FOUND teamUuid");
    expect(outcomeOf(await as(admin).send(REMOVE, { ...variables, teamUuid: "" }))).toBe("BAD_USER_INPUT teamUuid");
  });

  it("denies removing a role above the caller's own", async () => {
    const { deployment, editor } = await recut.build.deployment();
    const high = await recut.build.team({ roles: [{ role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id }] });
    const low = await recut.build.team({ roles: [{ role: "DEPLOYMENT_EDITOR", deploymentId: deployment.id }] });
    const outcome = async (teamUuid: string) =>
      outcomeOf(await recut.as(editor).send(REMOVE, { teamUuid, deploymentUuid: deployment.id }));
    expect(await outcome(high.team.id)).toBe("FORBIDDEN");
    expect(await outcome(low.team.id)).toBe("ok");
    expect(await recut.db.roleBinding.count({ where: { teamId: high.team.id } })).toBe(1);
  });

  it("denies editors, members and anonymous callers", async () => {
    const { deployment, editor } = await build.deployment();
    const { team, member } = await build.team({ roles: [{ role: "DEPLOYMENT_EDITOR", deploymentId: deployment.id }] });
    const variables = { teamUuid: team.id, deploymentUuid: deployment.id };
    expect(outcomeOf(await as(editor).send(REMOVE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(member).send(REMOVE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(REMOVE, variables))).toBe("UNAUTHENTICATED");
  });
});

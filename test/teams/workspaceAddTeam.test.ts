import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const recut = await testHouston({ roles: { WORKSPACE_EDITOR: { permissions: { "workspace.iam.update": true } } } });

const ADD = `mutation ($workspaceUuid: Uuid!, $teamUuid: Uuid!, $role: Role! = WORKSPACE_VIEWER, $deploymentRoles: [DeploymentRoles!]) {
  workspaceAddTeam(workspaceUuid: $workspaceUuid, teamUuid: $teamUuid, role: $role, deploymentRoles: $deploymentRoles) {
    id users { id } roleBindings { role team { id } }
  }
}`;

const rolesOf = (teamId: string, from = db) =>
  from.roleBinding.findMany({ where: { teamId }, orderBy: { role: "asc" } });

describe("workspaceAddTeam", () => {
  it("gives a team a role in the Workspace and in Deployments of it", async () => {
    const { workspace, admin } = await build.workspace();
    const { deployment } = await build.deployment({ workspaceId: workspace.id });
    const { team, member } = await build.team();
    const { data } = await as(admin).send(ADD, {
      workspaceUuid: workspace.id,
      teamUuid: team.id,
      role: "WORKSPACE_EDITOR",
      deploymentRoles: [{ deploymentId: deployment.id, role: "DEPLOYMENT_ADMIN" }],
    });
    expect(data.workspaceAddTeam.id).toBe(workspace.id);
    expect(data.workspaceAddTeam.roleBindings).toContainEqual({ role: "WORKSPACE_EDITOR", team: { id: team.id } });
    expect(JSON.stringify(data.workspaceAddTeam.users)).not.toContain(member.id);
    expect(await rolesOf(team.id)).toMatchObject([
      { role: "WORKSPACE_EDITOR", workspaceId: workspace.id, userId: null },
      { role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id, userId: null },
    ]);
    expect(await db.auditEntry.findFirst({ where: { workspaceId: workspace.id } })).toMatchObject({
      action: "workspaceAddTeam",
      detail: { teamId: team.id, role: "WORKSPACE_EDITOR" },
    });
  });

  it("gives WORKSPACE_VIEWER when nothing is said, and one role only", async () => {
    const { workspace, admin } = await build.workspace();
    const { team } = await build.team();
    const document = `mutation ($workspaceUuid: Uuid!, $teamUuid: Uuid!) {
      workspaceAddTeam(workspaceUuid: $workspaceUuid, teamUuid: $teamUuid) { id }
    }`;
    const variables = { workspaceUuid: workspace.id, teamUuid: team.id };
    const answers = await Promise.all(Array.from({ length: 3 }, () => as(admin).send(document, variables)));
    expect(answers.map(outcomeOf).sort()).toEqual(["CONFLICT teamUuid", "CONFLICT teamUuid", "ok"]);
    expect(await rolesOf(team.id)).toMatchObject([{ role: "WORKSPACE_VIEWER" }]);
  });

  it("refuses wrong roles, Deployments elsewhere and unknown teams, and binds nothing then", async () => {
    const { workspace, admin } = await build.workspace();
    const { deployment } = await build.deployment({ workspaceId: workspace.id });
    const elsewhere = await build.deployment();
    const { team } = await build.team({ roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id }] });
    const outcome = async (given: object) =>
      outcomeOf(await as(admin).send(ADD, { workspaceUuid: workspace.id, teamUuid: team.id, ...given }));
    const at = (deploymentId: string, role = "DEPLOYMENT_VIEWER") => ({ deploymentRoles: [{ deploymentId, role }] });
    expect(await outcome({ role: "DEPLOYMENT_VIEWER" })).toBe("BAD_USER_INPUT role");
    expect(await outcome({ role: "SYSTEM_ADMIN" })).toBe("BAD_USER_INPUT role");
    expect(await outcome({ teamUuid: "nothing" })).toBe("NOT_FOUND teamUuid");
    expect(await outcome(at(elsewhere.deployment.id))).toBe("BAD_USER_INPUT deploymentRoles.0.deploymentId");
    expect(await outcome(at(deployment.id, "WORKSPACE_VIEWER"))).toBe("BAD_USER_INPUT deploymentRoles.0.role");
    expect(await outcome(at(deployment.id))).toBe("CONFLICT deploymentRoles.0.deploymentId");
    expect(await rolesOf(team.id)).toHaveLength(1);
  });

  it("lets nobody give a team more than they hold", async () => {
    const { workspace, editor } = await recut.build.workspace();
    const { deployment } = await recut.build.deployment({ workspaceId: workspace.id });
    const { team } = await recut.build.team({ members: [editor] });
    const outcome = async (given: object) =>
      outcomeOf(await recut.as(editor).send(ADD, { workspaceUuid: workspace.id, teamUuid: team.id, ...given }));
    const deploymentRoles = [{ deploymentId: deployment.id, role: "DEPLOYMENT_VIEWER" }];
    expect(await outcome({ role: "WORKSPACE_ADMIN" })).toBe("FORBIDDEN");
    expect(await outcome({ role: "WORKSPACE_VIEWER", deploymentRoles })).toBe("FORBIDDEN");
    expect(await rolesOf(team.id, recut.db)).toEqual([]);
    expect(await outcome({ role: "WORKSPACE_EDITOR" })).toBe("ok");
  });

  it("refuses editors, other Workspaces' admins and callers without credentials", async () => {
    const { workspace, editor } = await build.workspace();
    const { admin } = await build.workspace();
    const { team } = await build.team();
    const variables = { workspaceUuid: workspace.id, teamUuid: team.id };
    expect(outcomeOf(await as(editor).send(ADD, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(admin).send(ADD, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(ADD, variables))).toBe("UNAUTHENTICATED");
    expect(await rolesOf(team.id)).toEqual([]);
  });
});

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
  it("grants a team a role in the Workspace and in Deployments of it", async () => {
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

  it("defaults to WORKSPACE_VIEWER, and grants one role only", async () => {
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

  it("rejects invalid roles, other Workspaces' Deployments and unknown teams, and stores nothing", async () => {
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

  it("denies roles above the caller's own", async () => {
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

  it("shows a team's members to Workspace Admins only if someone who sees them added the team", async () => {
    const home = await build.workspace();
    const { team, member } = await build.team({
      roles: [{ role: "WORKSPACE_VIEWER", workspaceId: home.workspace.id }],
    });
    const mate = await build.user();
    await db.teamMember.create({ data: { teamId: team.id, userId: mate.id } });
    const members = [member.id, mate.id];
    const { data: created } = await as(home.viewer).send(`mutation { createWorkspace(label: "Trap") { id } }`);
    const workspaceUuid = created.createWorkspace.id;
    const variables = { workspaceUuid, teamUuid: team.id };
    const bring = async (someone: { token: string }) => outcomeOf(await as(someone).send(ADD, variables));
    // Every field twice: the second response comes from the fast path.
    const shown = async () => {
      const paths = [
        `query ($t: Uuid!) { teamUsers(teamUuid: $t) { id } }`,
        `query ($w: Uuid!) { workspaceTeams(workspaceUuid: $w) { users { id } } }`,
        `query ($w: Uuid!, $t: Uuid!) { team(teamUuid: $t, workspaceUuid: $w) { users { id } } }`,
        `query ($w: Uuid!) { paginatedTeams(workspaceUuid: $w) { teams { users { id } } } }`,
        `query ($w: Uuid!) { workspace(workspaceUuid: $w) { roleBindings { team { users { id } } } } }`,
        `{ workspaces { roleBindings { team { users { id } } } } }`,
      ];
      const seen = [];
      for (const path of [...paths, ...paths]) {
        const variables = { w: workspaceUuid, t: team.id };
        const { data } = await as(home.viewer).send(path, variables);
        seen.push(members.filter((id) => JSON.stringify(data ?? null).includes(id)).length);
      }
      return [...new Set(seen)];
    };
    expect(await bring(home.viewer)).toBe("ok");
    expect(await shown()).toEqual([0]);
    // The members have the role nevertheless, and someone who sees them can show them there.
    expect(outcomeOf(await as(mate).send(`{ workspace(workspaceUuid: "${workspaceUuid}") { id } }`))).toBe("ok");
    const boss = await build.systemAdmin();
    const REMOVE = `mutation ($w: Uuid!, $t: Uuid!) { workspaceRemoveTeam(workspaceUuid: $w, teamUuid: $t) { id } }`;
    expect(outcomeOf(await as(boss).send(REMOVE, { w: workspaceUuid, t: team.id }))).toBe("ok");
    expect(await bring(boss)).toBe("ok");
    expect(await shown()).toEqual([2]);
  });

  it.each(["a System Admin", "a member", "an Admin of a Workspace that shows them"])(
    "shows the members when %s adds the team",
    async (who) => {
      const { workspace, admin } = await build.workspace();
      const { workspace: other, admin: helped } = await build.workspace();
      const { team, member } = await build.team({ roles: [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id }] });
      const someone = who === "a System Admin" ? await build.systemAdmin() : who === "a member" ? member : admin;
      await db.roleBinding.create({ data: { userId: someone.id, workspaceId: other.id, role: "WORKSPACE_ADMIN" } });
      const answer = await as(someone).send(ADD, { workspaceUuid: other.id, teamUuid: team.id });
      expect(outcomeOf(answer)).toBe("ok");
      const { data } = await as(helped).send(`{ teamUsers(teamUuid: "${team.id}") { id } }`);
      expect(data.teamUsers).toEqual([{ id: member.id }]);
      expect(await db.roleBinding.findFirst({ where: { teamId: team.id, workspaceId: other.id } })).toMatchObject({
        vouchedBy: `user:${someone.id}`,
      });
    },
  );

  it("denies editors, other Workspaces' Admins and anonymous callers", async () => {
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

import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const recut = await testHouston({ roles: { WORKSPACE_EDITOR: { permissions: { "workspace.iam.update": true } } } });

const REMOVE = `mutation ($workspaceUuid: Uuid!, $teamUuid: Uuid!) {
  workspaceRemoveTeam(workspaceUuid: $workspaceUuid, teamUuid: $teamUuid) { id roleBindings { team { id } } }
}`;
const SELF = "{ self { user { id } } }";

describe("workspaceRemoveTeam", () => {
  it("removes a team from the Workspace and its Deployments, and keeps its other roles", async () => {
    const { workspace, admin } = await build.workspace();
    const [here, away] = [await build.deployment({ workspaceId: workspace.id }), await build.deployment()];
    const { team, member } = await build.team({
      roles: [
        { role: "WORKSPACE_EDITOR", workspaceId: workspace.id },
        { role: "DEPLOYMENT_ADMIN", deploymentId: here.deployment.id },
        { role: "DEPLOYMENT_EDITOR", deploymentId: away.deployment.id },
        { role: "SYSTEM_VIEWER" },
      ],
    });
    const { data } = await as(admin).send(REMOVE, { workspaceUuid: workspace.id, teamUuid: team.id });
    expect(data.workspaceRemoveTeam.id).toBe(workspace.id);
    expect(JSON.stringify(data.workspaceRemoveTeam.roleBindings)).not.toContain(team.id);
    const left = await db.roleBinding.findMany({ where: { teamId: team.id }, orderBy: { role: "asc" } });
    expect(left.map(({ role }) => role)).toEqual(["SYSTEM_VIEWER", "DEPLOYMENT_EDITOR"]);
    expect(outcomeOf(await as(member).send(SELF))).toBe("ok");
    expect(await db.auditEntry.findFirst({ where: { workspaceId: workspace.id } })).toMatchObject({
      action: "workspaceRemoveTeam",
      detail: { teamId: team.id, role: "WORKSPACE_EDITOR" },
    });
    const again = await as(admin).send(REMOVE, { workspaceUuid: workspace.id, teamUuid: team.id });
    expect(outcomeOf(again)).toBe("NOT_FOUND teamUuid");
  });

  it("rejects teams without a role in the Workspace itself", async () => {
    const { workspace, admin } = await build.workspace();
    const { deployment } = await build.deployment({ workspaceId: workspace.id });
    const { team } = await build.team({ roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id }] });
    const outcome = async (teamUuid: string) =>
      outcomeOf(await as(admin).send(REMOVE, { workspaceUuid: workspace.id, teamUuid }));
    expect(await outcome(team.id)).toBe("NOT_FOUND teamUuid");
    expect(await outcome("nothing")).toBe("NOT_FOUND teamUuid");
    expect(await outcome("")).toBe("BAD_USER_INPUT teamUuid");
    expect(await db.roleBinding.count({ where: { teamId: team.id } })).toBe(1);
  });

  it("denies removing a team with a role above the caller's own, also in a Deployment", async () => {
    const { workspace, editor } = await recut.build.workspace();
    const { deployment } = await recut.build.deployment({ workspaceId: workspace.id });
    const viewer = { role: "WORKSPACE_VIEWER", workspaceId: workspace.id } as const;
    const high = await recut.build.team({ roles: [{ ...viewer, role: "WORKSPACE_ADMIN" }] });
    const deep = await recut.build.team({
      roles: [viewer, { role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id }],
    });
    const low = await recut.build.team({ roles: [viewer] });
    const outcome = async (teamUuid: string) =>
      outcomeOf(await recut.as(editor).send(REMOVE, { workspaceUuid: workspace.id, teamUuid }));
    expect(await outcome(high.team.id)).toBe("FORBIDDEN");
    expect(await outcome(deep.team.id)).toBe("FORBIDDEN");
    expect(await outcome(low.team.id)).toBe("ok");
    expect(await recut.db.roleBinding.count({ where: { teamId: { not: null } } })).toBe(3);
  });

  it("denies editors, other Workspaces' Admins and anonymous callers", async () => {
    const { workspace, editor } = await build.workspace();
    const { admin } = await build.workspace();
    const { team, member } = await build.team({ roles: [{ role: "WORKSPACE_EDITOR", workspaceId: workspace.id }] });
    const variables = { workspaceUuid: workspace.id, teamUuid: team.id };
    for (const someone of [editor, member, admin]) {
      expect(outcomeOf(await as(someone).send(REMOVE, variables))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await as(undefined).send(REMOVE, variables))).toBe("UNAUTHENTICATED");
  });
});

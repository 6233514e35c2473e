import { describe, expect, it } from "vitest";
import { countStatements, STATEMENTS_WHEN_REPEATED } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const TEAMS = `query ($workspaceUuid: Uuid!) {
  workspaceTeams(workspaceUuid: $workspaceUuid) { id name roleBindings { role workspace { id } deployment { id } } }
}`;

const { workspace, admin, editor, viewer, outsider } = await build.workspace();
const { deployment } = await build.deployment({ workspaceId: workspace.id });
const other = await build.workspace();
const inWorkspace = { role: "WORKSPACE_EDITOR", workspaceId: workspace.id } as const;
const first = await build.team({
  roles: [inWorkspace, { role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id }, { role: "SYSTEM_VIEWER" }],
});
const second = await build.team({ roles: [inWorkspace] });
await build.team({ roles: [{ role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id }] });
await build.team({ roles: [{ role: "WORKSPACE_EDITOR", workspaceId: other.workspace.id }] });
const variables = { workspaceUuid: workspace.id };

describe("workspaceTeams", () => {
  it("lists teams with a role in the Workspace itself, with the roles that the caller may see", async () => {
    const { data } = await as(admin).send(TEAMS, variables);
    const inHere = { role: "WORKSPACE_EDITOR", workspace: { id: workspace.id }, deployment: null };
    expect(data.workspaceTeams).toEqual([
      {
        id: first.team.id,
        name: first.team.name,
        roleBindings: [inHere, { role: "DEPLOYMENT_ADMIN", workspace: null, deployment: { id: deployment.id } }],
      },
      { id: second.team.id, name: second.team.name, roleBindings: [inHere] },
    ]);
    const again = await countStatements(() => as(admin).send(TEAMS, variables));
    expect(again.result.data).toEqual(data);
    expect(again.statements).toHaveLength(STATEMENTS_WHEN_REPEATED);
  });

  it("returns to editors, viewers and members what they may see", async () => {
    for (const someone of [editor, viewer, second.member]) {
      const { data } = await as(someone).send(TEAMS, variables);
      expect(data.workspaceTeams.map(({ id }: { id: string }) => id)).toEqual([first.team.id, second.team.id]);
      expect(data.workspaceTeams[0].roleBindings).toHaveLength(1);
    }
    const { data } = await as(await build.systemAdmin()).send(TEAMS, variables);
    expect(data.workspaceTeams[0].roleBindings).toHaveLength(3);
  });

  it("denies outsiders, other Workspaces' Admins and anonymous callers", async () => {
    expect(outcomeOf(await as(outsider).send(TEAMS, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(other.admin).send(TEAMS, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(admin).send(TEAMS, { workspaceUuid: "nothing" }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(admin).send(TEAMS, { workspaceUuid: "" }))).toBe("BAD_USER_INPUT workspaceUuid");
    expect(outcomeOf(await as(undefined).send(TEAMS, variables))).toBe("UNAUTHENTICATED");
    expect(await db.team.count()).toBe(4);
  });
});

import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build } = await testHouston();

const TEAMS = `query ($deploymentUuid: Uuid!) {
  deploymentTeams(deploymentUuid: $deploymentUuid) { id users { id } roleBindings { role workspace { id } deployment { id } } }
}`;

const { workspace, admin: owner, viewer: guest } = await build.workspace();
const { deployment, admin, viewer } = await build.deployment({ workspaceId: workspace.id });
const other = await build.deployment({ workspaceId: workspace.id });
const { team, member } = await build.team({
  roles: [
    { role: "DEPLOYMENT_EDITOR", deploymentId: deployment.id },
    { role: "DEPLOYMENT_ADMIN", deploymentId: other.deployment.id },
  ],
});
await build.team({ roles: [{ role: "WORKSPACE_EDITOR", workspaceId: workspace.id }] });
const variables = { deploymentUuid: deployment.id };

describe("deploymentTeams", () => {
  it("lists teams with a role in the Deployment itself, with the roles that the caller may see", async () => {
    const here = { role: "DEPLOYMENT_EDITOR", workspace: null, deployment: { id: deployment.id } };
    for (const someone of [admin, viewer]) {
      for (let round = 0; round < 2; round++) {
        const { data } = await as(someone).send(TEAMS, variables);
        expect(data.deploymentTeams).toEqual([{ id: team.id, users: [], roleBindings: [here] }]);
      }
    }
    const { data } = await as(owner).send(TEAMS, variables);
    expect(data.deploymentTeams[0].roleBindings).toHaveLength(2);
    expect((await as(member).send(TEAMS, variables)).data.deploymentTeams[0].users).toEqual([{ id: member.id }]);
  });

  it("rejects Workspace Viewers, other Deployments' users, unknown Deployments and anonymous callers", async () => {
    expect(outcomeOf(await as(guest).send(TEAMS, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(other.admin).send(TEAMS, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(admin).send(TEAMS, { deploymentUuid: "nothing" }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(admin).send(TEAMS, { deploymentUuid: "" }))).toBe("BAD_USER_INPUT deploymentUuid");
    expect(outcomeOf(await as(undefined).send(TEAMS, variables))).toBe("UNAUTHENTICATED");
  });
});

import { describe, expect, it } from "vitest";
import { countStatements, STATEMENTS_WHEN_REPEATED } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const TEAM = `query ($teamUuid: Uuid!, $workspaceUuid: Uuid) {
  team(teamUuid: $teamUuid, workspaceUuid: $workspaceUuid) {
    id name provider users { id username teams { id } }
    roleBindings { role team { id } user { id } workspace { id } deployment { id } }
  }
}`;

const home = await build.workspace();
const { workspace, admin, editor, viewer, outsider } = home;
const away = await build.workspace();
const { team, member } = await build.team({
  roles: [
    { role: "WORKSPACE_EDITOR", workspaceId: workspace.id },
    { role: "WORKSPACE_VIEWER", workspaceId: away.workspace.id },
  ],
});
const here = { teamUuid: team.id, workspaceUuid: workspace.id };

describe("team", () => {
  it("returns the whole team to system roles, the second time in one statement", async () => {
    const boss = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
    const variables = { teamUuid: team.id, workspaceUuid: "" };
    const { data } = await as(boss).send(TEAM, variables);
    expect(data.team).toMatchObject({ id: team.id, name: team.name, provider: "local" });
    expect(data.team.users).toEqual([{ id: member.id, username: member.username, teams: [{ id: team.id }] }]);
    expect(data.team.roleBindings).toEqual([
      {
        role: "WORKSPACE_EDITOR",
        team: { id: team.id },
        user: null,
        workspace: { id: workspace.id },
        deployment: null,
      },
      {
        role: "WORKSPACE_VIEWER",
        team: { id: team.id },
        user: null,
        workspace: { id: away.workspace.id },
        deployment: null,
      },
    ]);
    const again = await countStatements(() => as(boss).send(TEAM, variables));
    expect(again.result.data).toEqual(data);
    expect(again.statements).toHaveLength(STATEMENTS_WHEN_REPEATED);
  });

  it("returns the Workspace's roles to its users, and the members to its Admins only", async () => {
    for (const [someone, users] of [
      [admin, [member.id]],
      [editor, []],
      [viewer, []],
    ] as const) {
      for (let round = 0; round < 2; round++) {
        const { data } = await as(someone).send(TEAM, here);
        expect(data.team.users.map(({ id }: { id: string }) => id)).toEqual(users);
        expect(data.team.roleBindings).toMatchObject([{ role: "WORKSPACE_EDITOR", workspace: { id: workspace.id } }]);
      }
    }
  });

  it("returns all members and roles of the team to its members", async () => {
    const { data } = await as(member).send(TEAM, here);
    expect(data.team.users).toEqual([{ id: member.id, username: member.username, teams: [{ id: team.id }] }]);
    expect(data.team.roleBindings).toHaveLength(2);
  });

  it("returns NOT_FOUND for unknown teams and those not in the Workspace", async () => {
    const otherTeam = await build.team();
    const boss = await build.systemAdmin();
    const outcome = async (someone: { token: string }, given: object) =>
      outcomeOf(await as(someone).send(TEAM, { ...here, ...given }));
    for (let round = 0; round < 2; round++) {
      expect(await outcome(admin, { teamUuid: otherTeam.team.id })).toBe("NOT_FOUND teamUuid");
      expect(await outcome(boss, { teamUuid: otherTeam.team.id })).toBe("NOT_FOUND teamUuid");
      expect(await outcome(boss, { teamUuid: "nothing", workspaceUuid: null })).toBe("NOT_FOUND teamUuid");
      expect(await outcome(boss, { workspaceUuid: null })).toBe("ok");
    }
    expect(await outcome(admin, { teamUuid: "" })).toBe("BAD_USER_INPUT teamUuid");
    expect(await db.team.count()).toBe(2);
  });

  it("denies outsiders, Workspace Admins who do not name their Workspace, and anonymous callers", async () => {
    expect(outcomeOf(await as(outsider).send(TEAM, here))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(admin).send(TEAM, { teamUuid: team.id }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(admin).send(TEAM, { ...here, workspaceUuid: "elsewhere" }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(TEAM, here))).toBe("UNAUTHENTICATED");
  });
});

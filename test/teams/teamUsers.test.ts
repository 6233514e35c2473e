import { describe, expect, it } from "vitest";
import { countStatements, STATEMENTS_WHEN_REPEATED } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const USERS = `query ($teamUuid: Uuid!) {
  teamUsers(teamUuid: $teamUuid) { id username emails { address } teams { id } roleBindings { role } }
}`;

const { workspace, admin, viewer, outsider } = await build.workspace();
const mates = [await build.user(), await build.user()] as const;
const { team } = await build.team({
  members: [...mates],
  roles: [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id }],
});
const idsOf = (users: { id: string }[]) => users.map(({ id }) => id).sort();
const ids = idsOf([...mates]);

describe("teamUsers", () => {
  it("returns the members to system roles, Admins of Workspaces with the team, and members", async () => {
    const system = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
    const account = await build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: workspace.id });
    for (const someone of [system, admin, account, ...mates]) {
      const { data } = await as(someone).send(USERS, { teamUuid: team.id });
      expect(idsOf(data.teamUsers)).toEqual(ids);
      expect(data.teamUsers[0].teams).toEqual([{ id: team.id }]);
    }
  });

  it("returns names of the other members to a member, but no address that nobody named", async () => {
    const { workspace: other } = await build.workspace();
    await db.roleBinding.create({ data: { userId: mates[1].id, workspaceId: other.id, role: "WORKSPACE_ADMIN" } });
    const { data } = await as(mates[0]).send(USERS, { teamUuid: team.id });
    const mate = data.teamUsers.find(({ id }: { id: string }) => id === mates[1].id);
    expect(mate).toMatchObject({
      username: mates[1].username,
      emails: [],
      roleBindings: [],
    });
    const elsewhere = await build.team({ members: [mates[1]] });
    const again = await as(mates[0]).send(USERS, { teamUuid: team.id });
    expect(JSON.stringify(again.data)).not.toContain(elsewhere.team.id);
  });

  it("returns a repeated document in one statement", async () => {
    const variables = { teamUuid: team.id };
    const first = await as(admin).send(USERS, variables);
    const again = await countStatements(() => as(admin).send(USERS, variables));
    expect(again.result.data).toEqual(first.data);
    expect(again.statements).toHaveLength(STATEMENTS_WHEN_REPEATED);
  });

  it("is empty for a team without members, and NOT_FOUND for callers who may see every team", async () => {
    const boss = await build.systemAdmin();
    const empty = await build.team({ members: [], roles: [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id }] });
    for (const someone of [boss, admin]) {
      expect((await as(someone).send(USERS, { teamUuid: empty.team.id })).data.teamUsers).toEqual([]);
    }
    expect(outcomeOf(await as(viewer).send(USERS, { teamUuid: empty.team.id }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(boss).send(USERS, { teamUuid: "nothing" }))).toBe("NOT_FOUND teamUuid");
    expect(outcomeOf(await as(boss).send(USERS, { teamUuid: "" }))).toBe("BAD_USER_INPUT teamUuid");
  });

  it("denies viewers, other Admins and outsiders as for an unknown team, and anonymous callers", async () => {
    const other = await build.workspace();
    for (const someone of [viewer, other.admin, outsider]) {
      expect(outcomeOf(await as(someone).send(USERS, { teamUuid: team.id }))).toBe("FORBIDDEN");
      expect(outcomeOf(await as(someone).send(USERS, { teamUuid: "nothing" }))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await as(undefined).send(USERS, { teamUuid: team.id }))).toBe("UNAUTHENTICATED");
  });

  it("denies the next request of a former member", async () => {
    const [one, two] = [await build.user(), await build.user()];
    const { team: formerTeam } = await build.team({ members: [one, two] });
    expect(outcomeOf(await as(one).send(USERS, { teamUuid: formerTeam.id }))).toBe("ok");
    await db.teamMember.delete({ where: { teamId_userId: { teamId: formerTeam.id, userId: one.id } } });
    expect(outcomeOf(await as(one).send(USERS, { teamUuid: formerTeam.id }))).toBe("FORBIDDEN");
  });
});

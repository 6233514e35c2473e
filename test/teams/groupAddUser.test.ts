import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const recut = await testHouston({ roles: { SYSTEM_EDITOR: { permissions: { "system.teams.update": true } } } });

const ADD = `mutation ($groupUuid: Uuid!, $userUuid: Uuid!) {
  groupAddUser(groupUuid: $groupUuid, userUuid: $userUuid) { uuid label users { id } }
}`;

const boss = await build.systemAdmin();

describe("groupAddUser", () => {
  it("adds a user to a team, and once only when repeated", async () => {
    const { team } = await build.team({ members: [] });
    const user = await build.user();
    const variables = { groupUuid: team.id, userUuid: user.id };
    for (let round = 0; round < 2; round++) {
      const { data } = await as(boss).send(ADD, variables);
      expect(data.groupAddUser).toEqual({ uuid: team.id, label: team.name, users: [{ id: user.id }] });
    }
    expect(await db.teamMember.count({ where: { teamId: team.id } })).toBe(1);
    expect(await db.auditEntry.count({ where: { action: "groupAddUser", entityId: team.id } })).toBe(1);
  });

  it("rejects unknown teams and users", async () => {
    const { team } = await build.team({ members: [] });
    const outcome = async (groupUuid: string, userUuid: string) =>
      outcomeOf(await as(boss).send(ADD, { groupUuid, userUuid }));
    expect(await outcome("nothing", boss.id)).toBe("NOT_FOUND groupUuid");
    expect(await outcome(team.id, "nobody")).toBe("BAD_USER_INPUT userUuid");
    expect(await outcome(team.id, "")).toBe("BAD_USER_INPUT userUuid");
    expect(await db.teamMember.count({ where: { teamId: team.id } })).toBe(0);
  });

  it("denies adding to a team with a role that the caller may not grant", async () => {
    const editor = await recut.build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const { team } = await recut.build.team({ members: [], roles: [{ role: "SYSTEM_ADMIN" }] });
    const variables = { groupUuid: team.id, userUuid: editor.id };
    expect(outcomeOf(await recut.as(editor).send(ADD, variables))).toBe("FORBIDDEN");
    expect(await recut.db.teamMember.count({ where: { teamId: team.id } })).toBe(0);
  });

  it("denies System Editors, members and anonymous callers", async () => {
    const { team, member } = await build.team();
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const variables = { groupUuid: team.id, userUuid: editor.id };
    expect(outcomeOf(await as(editor).send(ADD, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(member).send(ADD, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(ADD, variables))).toBe("UNAUTHENTICATED");
  });
});

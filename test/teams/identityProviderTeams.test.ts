import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const off = await testHouston({ auth: { local: { teams: { enabled: false } } } });

const CREATE = `mutation ($name: String!, $provider: String, $userIds: [ID]) {
  createTeam(name: $name, provider: $provider, userIds: $userIds) { team { id provider users { id } } }
}`;
const UPDATE = `mutation ($id: ID, $name: String, $provider: String, $newName: String, $addUserIds: [ID],
    $removeUserIds: [ID], $teamUserIds: [ID]) {
  updateTeam(id: $id, name: $name, provider: $provider, newName: $newName, addUserIds: $addUserIds,
    removeUserIds: $removeUserIds, teamUserIds: $teamUserIds) { team { id name } }
}`;
const REMOVE = `mutation ($teamUuid: Uuid, $name: String, $provider: String) {
  removeTeam(teamUuid: $teamUuid, name: $name, provider: $provider) { id }
}`;
const ADD = `mutation ($groupUuid: Uuid!, $userUuid: Uuid!) {
  groupAddUser(groupUuid: $groupUuid, userUuid: $userUuid) { uuid }
}`;

const admin = await build.systemAdmin();
const user = await build.user();
const membersOf = async (teamId: string, from = db) =>
  (await from.teamMember.findMany({ where: { teamId } })).map(({ userId }) => userId);

describe("a team of an identity provider", () => {
  it.each(["okta", "auth0", "microsoft", "ida", "adfs"])("can be one of %s", async (provider) => {
    const { data } = await as(admin).send(CREATE, { name: "Blue", provider, userIds: [] });
    expect(data.createTeam.team).toMatchObject({ provider, users: [] });
  });

  it.each(["google", "Okta", "custom"])("cannot be one of %s, which is refused by name", async (provider) => {
    const answer = await as(admin).send(CREATE, { name: "Blue", provider });
    expect(outcomeOf(answer)).toBe("BAD_USER_INPUT provider");
    expect(answer.errors?.[0]?.message).toBe("provider: must be one of local, okta, auth0, microsoft, ida, adfs");
    expect(outcomeOf(await as(admin).send(UPDATE, { name: "Blue", provider }))).toBe("BAD_USER_INPUT provider");
    expect(outcomeOf(await as(admin).send(REMOVE, { name: "Blue", provider }))).toBe("BAD_USER_INPUT provider");
  });

  it("has no members at creation", async () => {
    const answer = await as(admin).send(CREATE, { name: "Green", provider: "okta", userIds: [user.id] });
    expect(outcomeOf(answer)).toBe("BAD_USER_INPUT userIds");
    expect(await db.team.count({ where: { name: "Green" } })).toBe(0);
  });

  it("keeps its members whatever is sent by hand", async () => {
    const { team, member } = await build.team({ provider: "okta" });
    const update = async (given: Record<string, unknown>) =>
      outcomeOf(await as(admin).send(UPDATE, { id: team.id, ...given }));
    expect(await update({ addUserIds: [user.id] })).toBe("BAD_USER_INPUT addUserIds");
    expect(await update({ removeUserIds: [member.id] })).toBe("BAD_USER_INPUT removeUserIds");
    expect(await update({ teamUserIds: [] })).toBe("BAD_USER_INPUT teamUserIds");
    expect(await update({ teamUserIds: [user.id], newName: "Renamed" })).toBe("BAD_USER_INPUT teamUserIds");
    const added = await as(admin).send(ADD, { groupUuid: team.id, userUuid: user.id });
    expect(outcomeOf(added)).toBe("BAD_USER_INPUT userUuid");
    expect(await membersOf(team.id)).toEqual([member.id]);
    expect(await db.team.findUniqueOrThrow({ where: { id: team.id } })).toEqual(team);
    expect(await update({ newName: "Renamed", addUserIds: [], removeUserIds: [] })).toBe("ok");
  });

  it("can be removed only while it is empty", async () => {
    const { team } = await build.team({ name: "Red", provider: "adfs" });
    const outcome = async (given: Record<string, unknown>) => outcomeOf(await as(admin).send(REMOVE, given));
    expect(await outcome({ teamUuid: team.id })).toBe("CONFLICT teamUuid");
    expect(await outcome({ name: "Red", provider: "adfs" })).toBe("CONFLICT name");
    await db.teamMember.deleteMany({ where: { teamId: team.id } });
    expect(await outcome({ name: "Red", provider: "adfs" })).toBe("ok");
    expect(await db.team.count({ where: { id: team.id } })).toBe(0);
  });

  it("is updated by name only with its provider", async () => {
    const okta = await build.team({ name: "Twins", provider: "okta" });
    const local = await build.team({ name: "Twins" });
    const answer = await as(admin).send(UPDATE, { name: "Twins", newName: "Changed" });
    expect(outcomeOf(answer)).toBe("BAD_USER_INPUT provider");
    const { data } = await as(admin).send(UPDATE, { name: "Twins", provider: "okta", newName: "Changed" });
    expect(data.updateTeam.team.id).toBe(okta.team.id);
    expect(await db.team.findUniqueOrThrow({ where: { id: local.team.id } })).toMatchObject({ name: "Twins" });
  });
});

describe("auth.local.teams.enabled: false", () => {
  it("refuses local teams and changes of their members, but keeps what exists", async () => {
    const root = await off.build.systemAdmin();
    const { team, member } = await off.build.team();
    const outcome = async (document: string, given: Record<string, unknown>) =>
      outcomeOf(await off.as(root).send(document, given));
    expect(await outcome(CREATE, { name: "Blue" })).toBe("FEATURE_DISABLED");
    expect(await outcome(UPDATE, { id: team.id, addUserIds: [root.id] })).toBe("FEATURE_DISABLED");
    expect(await outcome(UPDATE, { id: team.id, removeUserIds: [member.id] })).toBe("FEATURE_DISABLED");
    expect(await outcome(UPDATE, { id: team.id, teamUserIds: [] })).toBe("FEATURE_DISABLED");
    expect(await outcome(ADD, { groupUuid: team.id, userUuid: root.id })).toBe("FEATURE_DISABLED");
    expect(await membersOf(team.id, off.db)).toEqual([member.id]);
    expect(await off.db.team.count()).toBe(1);
    expect(await outcome(CREATE, { name: "Blue", provider: "okta" })).toBe("ok");
    expect(await outcome(UPDATE, { id: team.id, newName: "Kept" })).toBe("ok");
    expect(await outcome(REMOVE, { teamUuid: team.id })).toBe("ok");
  });
});

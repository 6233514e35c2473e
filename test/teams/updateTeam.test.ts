import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const recut = await testHouston({
  allowedSystemLevelDomains: ["corp.example"],
  roles: { SYSTEM_EDITOR: { permissions: { "system.teams.update": true } } },
});

const UPDATE = `mutation ($id: ID, $name: String, $provider: String, $newName: String, $description: String,
    $addUserIds: [ID], $removeUserIds: [ID], $teamUserIds: [ID]) {
  updateTeam(id: $id, name: $name, provider: $provider, newName: $newName, description: $description,
    addUserIds: $addUserIds, removeUserIds: $removeUserIds, teamUserIds: $teamUserIds) {
    message team { id name description users { id } }
  }
}`;
const SELF = "{ self { user { id } } }";

const admin = await build.systemAdmin();
const membersOf = async (teamId: string, from = db) =>
  (await from.teamMember.findMany({ where: { teamId } })).map(({ userId }) => userId).sort();

describe("updateTeam", () => {
  it("finds the team by ID, or by name and provider", async () => {
    const { team } = await build.team({ name: "Blue" });
    const okta = await build.team({ name: "Blue", provider: "okta" });
    const byId = await as(admin).send(UPDATE, { id: team.id, name: "", description: "One" });
    expect(byId.data.updateTeam.team).toMatchObject({ id: team.id, description: "One" });
    const byName = await as(admin).send(UPDATE, { id: "", name: "Blue", provider: "local", description: "Two" });
    expect(byName.data.updateTeam.team).toMatchObject({ id: team.id, description: "Two" });
    const elsewhere = await as(admin).send(UPDATE, { name: "Blue", provider: "okta", newName: "Sky" });
    expect(elsewhere.data.updateTeam).toMatchObject({
      message: "Team Sky was updated",
      team: { id: okta.team.id, name: "Sky" },
    });
    expect(await db.team.findUniqueOrThrow({ where: { id: team.id } })).toMatchObject({
      name: "Blue",
      description: "Two",
    });
    expect(await db.auditEntry.count({ where: { action: "updateTeam", entityId: team.id } })).toBe(2);
  });

  it("adds, removes and replaces members", async () => {
    const users = await Promise.all([build.user(), build.user(), build.user()]);
    const [one, two, three] = users.map(({ id }) => id).sort() as [string, string, string];
    const { team } = await build.team({ members: [{ id: one }, { id: two }] });
    const change = (given: object) => as(admin).send(UPDATE, { id: team.id, ...given });
    expect(outcomeOf(await change({ addUserIds: [one, three], removeUserIds: [two] }))).toBe("ok");
    expect(await membersOf(team.id)).toEqual([one, three]);
    expect(outcomeOf(await change({ removeUserIds: [two] }))).toBe("ok");
    expect(await membersOf(team.id)).toEqual([one, three]);
    expect(outcomeOf(await change({ teamUserIds: [two, three], addUserIds: [] }))).toBe("ok");
    expect(await membersOf(team.id)).toEqual([two, three]);
    expect(outcomeOf(await change({ teamUserIds: null, newName: "" }))).toBe("ok");
    expect(await membersOf(team.id)).toEqual([two, three]);
    const { data } = await change({ teamUserIds: [] });
    expect(data.updateTeam.team.users).toEqual([]);
  });

  it("revokes the sessions of users who lose a system role, and of no others", async () => {
    const { workspace } = await build.workspace();
    const [stays, goes, plain] = [await build.user(), await build.user(), await build.user()];
    const { team } = await build.team({ members: [stays, goes], roles: [{ role: "SYSTEM_VIEWER" }] });
    const roles = [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id } as const];
    const powerless = await build.team({ members: [plain], roles });
    await as(admin).send(UPDATE, { id: team.id, removeUserIds: [goes.id] });
    await as(admin).send(UPDATE, { id: powerless.team.id, removeUserIds: [plain.id] });
    expect(outcomeOf(await as(goes).send(SELF))).toBe("UNAUTHENTICATED");
    expect(outcomeOf(await as(stays).send(SELF))).toBe("ok");
    expect(outcomeOf(await as(plain).send(SELF))).toBe("ok");
  });

  it("applies concurrent changes one after the other, also for users in two teams", async () => {
    const { workspace } = await build.workspace();
    const roles = [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id } as const];
    const users = (await Promise.all(Array.from({ length: 4 }, () => build.user()))).map(({ id }) => id);
    const both = [await build.team({ members: [], roles }), await build.team({ members: [], roles })];
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) => {
        const ids = n % 3 === 0 ? users : [...users].reverse();
        const change = n % 2 === 0 ? { addUserIds: ids } : { removeUserIds: ids };
        return as(admin).send(UPDATE, { id: both[n % 4 < 2 ? 0 : 1]?.team.id, ...change });
      }),
    );
    expect(answers.map(outcomeOf)).toEqual(Array(16).fill("ok"));
    for (const { team } of both) expect([0, 4]).toContain((await membersOf(team.id)).length);
  });

  it("rejects invalid arguments by name, and keeps the team unchanged", async () => {
    const { team, member } = await build.team({ name: "Green" });
    await build.team({ name: "Taken" });
    const outcome = async (given: object) => outcomeOf(await as(admin).send(UPDATE, { id: team.id, ...given }));
    expect(await outcome({ newName: "Taken" })).toBe("CONFLICT newName");
    expect(await outcome({ newName: "n".repeat(81) })).toBe("BAD_USER_INPUT newName");
    expect(await outcome({ addUserIds: ["nobody"], newName: "Other" })).toBe("BAD_USER_INPUT addUserIds");
    expect(await outcome({ removeUserIds: ["nobody"] })).toBe("BAD_USER_INPUT removeUserIds");
    expect(await outcome({ teamUserIds: [admin.id, "nobody"] })).toBe("BAD_USER_INPUT teamUserIds");
    expect(await outcome({ teamUserIds: [], addUserIds: [admin.id] })).toBe("BAD_USER_INPUT teamUserIds");
    expect(await outcome({ teamUserIds: [], removeUserIds: [member.id] })).toBe("BAD_USER_INPUT teamUserIds");
    expect(await outcome({ addUserIds: [admin.id], removeUserIds: [admin.id] })).toBe("BAD_USER_INPUT removeUserIds");
    expect(await outcome({ id: "", name: "" })).toBe("BAD_USER_INPUT id, name");
    expect(await outcome({ id: "nothing" })).toBe("NOT_FOUND id");
    expect(await outcome({ id: "", name: "Nothing", provider: "local" })).toBe("NOT_FOUND name");
    expect(await outcome({ name: "Taken" })).toBe("BAD_USER_INPUT name");
    expect(await outcome({ provider: "okta" })).toBe("BAD_USER_INPUT provider");
    expect(await db.team.findUniqueOrThrow({ where: { id: team.id } })).toEqual(team);
    expect(await membersOf(team.id)).toEqual([member.id]);
  });

  it("keeps users who may not hold a system role out of a team with one", async () => {
    const { team } = await build.team({ roles: [{ role: "SYSTEM_VIEWER" }], members: [] });
    const [pending, unverified, good] = [
      await build.user({ status: "pending" }),
      await build.user(),
      await build.user(),
    ];
    await db.email.updateMany({ where: { userId: unverified.id }, data: { verified: false, proven: false } });
    const add = async (id: string) => outcomeOf(await as(admin).send(UPDATE, { id: team.id, addUserIds: [id] }));
    expect(await add(pending.id)).toBe("BAD_USER_INPUT addUserIds");
    expect(await add(unverified.id)).toBe("BAD_USER_INPUT addUserIds");
    expect(await add(good.id)).toBe("ok");
    expect(await membersOf(team.id)).toEqual([good.id]);

    const strict = await recut.build.team({ roles: [{ role: "SYSTEM_VIEWER" }], members: [] });
    const [outside, inside] = [await recut.build.user(), await recut.build.user({ email: "me@corp.example" })];
    const root = await recut.build.systemAdmin();
    const set = (teamUserIds: string[]) => recut.as(root).send(UPDATE, { id: strict.team.id, teamUserIds });
    const { errors } = await set([outside.id, inside.id]);
    expect(errors?.[0]?.message).toContain("allowedSystemLevelDomains");
    expect(outcomeOf(await set([inside.id]))).toBe("ok");
  });

  it("denies changing the members of a team with a role that the caller may not grant", async () => {
    const editor = await recut.build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const root = await recut.build.systemAdmin();
    const { team, member } = await recut.build.team({ roles: [{ role: "SYSTEM_ADMIN" }], members: [root] });
    const { workspace } = await recut.build.workspace();
    const below = await recut.build.team({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] });
    const { deployment } = await recut.build.deployment();
    const least = await recut.build.team({ roles: [{ role: "DEPLOYMENT_EDITOR", deploymentId: deployment.id }] });
    const change = async (id: string, given: object) =>
      outcomeOf(await recut.as(editor).send(UPDATE, { id, ...given }));
    expect(await change(team.id, { addUserIds: [editor.id] })).toBe("FORBIDDEN");
    expect(await change(team.id, { teamUserIds: [] })).toBe("FORBIDDEN");
    expect(await change(below.team.id, { addUserIds: [editor.id] })).toBe("FORBIDDEN");
    expect(await change(least.team.id, { addUserIds: [editor.id, member.id] })).toBe("ok");
    expect(await change(team.id, { description: "Renamed by an editor" })).toBe("ok");
    expect(await membersOf(team.id, recut.db)).toEqual([root.id]);
  });

  it("denies System Editors, Workspace Admins and anonymous callers", async () => {
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const { workspace, admin: owner } = await build.workspace();
    const { team, member } = await build.team({ roles: [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id }] });
    for (const someone of [editor, owner, member]) {
      expect(outcomeOf(await as(someone).send(UPDATE, { id: team.id, addUserIds: [someone.id] }))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await as(undefined).send(UPDATE, { id: team.id, newName: "Mine" }))).toBe("UNAUTHENTICATED");
    expect(await membersOf(team.id)).toEqual([member.id]);
  });
});

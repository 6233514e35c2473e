import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const recut = await testHouston({ roles: { SYSTEM_EDITOR: { permissions: { "system.teams.remove": true } } } });

const REMOVE = `mutation ($teamUuid: Uuid, $name: String, $provider: String) {
  removeTeam(teamUuid: $teamUuid, name: $name, provider: $provider) { id name users { id } roleBindings { role } }
}`;
const SELF = "{ self { user { id } } }";

const admin = await build.systemAdmin();

describe("removeTeam", () => {
  it.each(["teamUuid", "name", "both"])("removes a team by %s with its roles, and returns it", async (by) => {
    const { workspace } = await build.workspace();
    const name = `Blue by ${by}`;
    const roles = [{ role: "WORKSPACE_EDITOR", workspaceId: workspace.id } as const];
    const { team, member } = await build.team({ name, roles });
    const variables = { teamUuid: by === "name" ? "" : team.id, name: by === "teamUuid" ? null : name };
    const { data } = await as(admin).send(REMOVE, variables);
    expect(data.removeTeam).toEqual({
      id: team.id,
      name,
      users: [{ id: member.id }],
      roleBindings: [{ role: "WORKSPACE_EDITOR" }],
    });
    expect(await db.team.findUnique({ where: { id: team.id } })).toBeNull();
    expect(await db.roleBinding.count({ where: { teamId: team.id } })).toBe(0);
    expect(await db.user.count({ where: { id: member.id } })).toBe(1);
    expect(outcomeOf(await as(member).send(SELF))).toBe("ok");
    expect(await db.auditEntry.findFirst({ where: { entityId: team.id } })).toMatchObject({ action: "removeTeam" });
  });

  it("finds a name within one provider, and ends sessions of members who lose a system role", async () => {
    const okta = await build.team({ name: "Red", provider: "okta" });
    expect(outcomeOf(await as(admin).send(REMOVE, { name: "Red" }))).toBe("NOT_FOUND name");
    const { team, member } = await build.team({ name: "Red", roles: [{ role: "SYSTEM_VIEWER" }] });
    const { data } = await as(admin).send(REMOVE, { name: "Red", provider: "" });
    expect(await db.team.count({ where: { id: okta.team.id } })).toBe(1);
    expect(data.removeTeam.id).toBe(team.id);
    expect(outcomeOf(await as(member).send(SELF))).toBe("UNAUTHENTICATED");
  });

  it("rejects unknown teams, and arguments that name none or two", async () => {
    const { team } = await build.team({ name: "Green" });
    const outcome = async (given: Record<string, unknown>) => outcomeOf(await as(admin).send(REMOVE, given));
    expect(await outcome({ teamUuid: "nothing" })).toBe("NOT_FOUND teamUuid");
    expect(await outcome({ teamUuid: "", name: "" })).toBe("BAD_USER_INPUT teamUuid, name");
    expect(await outcome({ teamUuid: team.id, name: "Blue" })).toBe("BAD_USER_INPUT name");
    expect(await db.team.count({ where: { id: team.id } })).toBe(1);
  });

  it("denies removing a team with a role that the caller may not grant", async () => {
    const editor = await recut.build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const high = await recut.build.team({ roles: [{ role: "SYSTEM_ADMIN" }] });
    const low = await recut.build.team({ roles: [{ role: "SYSTEM_VIEWER" }] });
    const outcome = async (teamUuid: string) => outcomeOf(await recut.as(editor).send(REMOVE, { teamUuid }));
    expect(await outcome(high.team.id)).toBe("FORBIDDEN");
    expect(await outcome(low.team.id)).toBe("ok");
    expect(await recut.db.team.count()).toBe(1);
  });

  it("denies System Editors, members, Workspace Admins and anonymous callers", async () => {
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const { workspace, admin: owner } = await build.workspace();
    const roles = [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id } as const];
    const { team, member } = await build.team({ roles });
    for (const someone of [editor, owner, member]) {
      expect(outcomeOf(await as(someone).send(REMOVE, { teamUuid: team.id }))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await as(undefined).send(REMOVE, { teamUuid: team.id }))).toBe("UNAUTHENTICATED");
    expect(await db.team.count({ where: { id: team.id } })).toBe(1);
  });
});

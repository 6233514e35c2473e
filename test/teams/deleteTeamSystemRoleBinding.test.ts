import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const DELETE = `mutation ($teamUuid: Uuid!, $role: Role!) {
  deleteTeamSystemRoleBinding(teamUuid: $teamUuid, role: $role) { id role team { id } }
}`;

const admin = await build.systemAdmin();

describe("deleteTeamSystemRoleBinding", () => {
  it("removes the role, returns it and revokes the members' tokens", async () => {
    const { team, member } = await build.team({ roles: [{ role: "SYSTEM_ADMIN" }, { role: "SYSTEM_VIEWER" }] });
    const variables = { teamUuid: team.id, role: "SYSTEM_ADMIN" };
    const { data } = await as(admin).send(DELETE, variables);
    expect(data.deleteTeamSystemRoleBinding).toMatchObject({ role: "SYSTEM_ADMIN", team: { id: team.id } });
    expect(await db.roleBinding.findMany({ where: { teamId: team.id } })).toMatchObject([{ role: "SYSTEM_VIEWER" }]);
    expect(outcomeOf(await as(member).send("{ self { user { id } } }"))).toBe("UNAUTHENTICATED");
    expect(await db.auditEntry.findFirst({ where: { entityId: team.id } })).toMatchObject({
      action: "deleteTeamSystemRoleBinding",
      detail: { role: "SYSTEM_ADMIN" },
    });
    expect(outcomeOf(await as(admin).send(DELETE, variables))).toBe("NOT_FOUND teamUuid");
  });

  it("returns the role to a member who removes it from their own team", async () => {
    const { team, member } = await build.team({ roles: [{ role: "SYSTEM_ADMIN" }] });
    const { data } = await as(member).send(DELETE, { teamUuid: team.id, role: "SYSTEM_ADMIN" });
    expect(data.deleteTeamSystemRoleBinding.team).toEqual({ id: team.id });
    expect(await db.roleBinding.count({ where: { teamId: team.id } })).toBe(0);
  });

  it("rejects other roles and unknown teams", async () => {
    const { workspace } = await build.workspace();
    const { team } = await build.team({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] });
    const outcome = async (teamUuid: string, role: string) =>
      outcomeOf(await as(admin).send(DELETE, { teamUuid, role }));
    expect(await outcome(team.id, "WORKSPACE_ADMIN")).toBe("BAD_USER_INPUT role");
    expect(await outcome(team.id, "SYSTEM_VIEWER")).toBe("NOT_FOUND teamUuid");
    expect(await outcome("nothing", "SYSTEM_VIEWER")).toBe("NOT_FOUND teamUuid");
    expect(await db.roleBinding.count({ where: { teamId: team.id } })).toBe(1);
  });

  it("denies System Editors, members and anonymous callers", async () => {
    const { team, member } = await build.team({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const variables = { teamUuid: team.id, role: "SYSTEM_EDITOR" };
    expect(outcomeOf(await as(editor).send(DELETE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(member).send(DELETE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(DELETE, variables))).toBe("UNAUTHENTICATED");
  });
});

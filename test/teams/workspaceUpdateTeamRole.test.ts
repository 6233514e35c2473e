import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const recut = await testHouston({ roles: { WORKSPACE_EDITOR: { permissions: { "workspace.iam.update": true } } } });

const UPDATE = `mutation ($workspaceUuid: Uuid!, $teamUuid: Uuid!, $role: Role!) {
  workspaceUpdateTeamRole(workspaceUuid: $workspaceUuid, teamUuid: $teamUuid, role: $role)
}`;
const SELF = "{ self { user { id } } }";

const roleOf = async (teamId: string, from = db) =>
  (await from.roleBinding.findFirstOrThrow({ where: { teamId } })).role;

describe("workspaceUpdateTeamRole", () => {
  it("changes the role and returns it as a plain value", async () => {
    const { workspace, admin } = await build.workspace();
    const { team, member } = await build.team({ roles: [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id }] });
    const set = (role: string) => as(admin).send(UPDATE, { workspaceUuid: workspace.id, teamUuid: team.id, role });
    expect((await set("WORKSPACE_EDITOR")).data).toEqual({ workspaceUpdateTeamRole: "WORKSPACE_EDITOR" });
    expect(await roleOf(team.id)).toBe("WORKSPACE_EDITOR");
    expect(await db.auditEntry.findFirst({ where: { workspaceId: workspace.id } })).toMatchObject({
      action: "workspaceUpdateTeamRole",
      detail: { teamId: team.id, role: "WORKSPACE_EDITOR", before: "WORKSPACE_VIEWER" },
    });
    expect(outcomeOf(await as(member).send(SELF))).toBe("ok");
    expect((await set("WORKSPACE_VIEWER")).data).toEqual({ workspaceUpdateTeamRole: "WORKSPACE_VIEWER" });
    // A lower role counts from the next request on; the sessions continue.
    expect(outcomeOf(await as(member).send(SELF))).toBe("ok");
  });

  it("rejects roles of another level, and teams without a role there", async () => {
    const { workspace, admin } = await build.workspace();
    const { team } = await build.team({ roles: [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id }] });
    const otherTeam = await build.team();
    const outcome = async (given: object) => {
      const variables = { workspaceUuid: workspace.id, teamUuid: team.id, role: "WORKSPACE_EDITOR", ...given };
      return outcomeOf(await as(admin).send(UPDATE, variables));
    };
    expect(await outcome({ role: "DEPLOYMENT_EDITOR" })).toBe("BAD_USER_INPUT role");
    expect(await outcome({ role: "SYSTEM_ADMIN" })).toBe("BAD_USER_INPUT role");
    expect(await outcome({ teamUuid: otherTeam.team.id })).toBe("NOT_FOUND teamUuid");
    expect(await outcome({ teamUuid: "nothing" })).toBe("NOT_FOUND teamUuid");
    expect(await roleOf(team.id)).toBe("WORKSPACE_VIEWER");
  });

  it("denies roles above the caller's own, and lowering such a role", async () => {
    const { workspace, editor } = await recut.build.workspace();
    const low = await recut.build.team({ roles: [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id }] });
    const high = await recut.build.team({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] });
    const outcome = async (teamUuid: string, role: string) =>
      outcomeOf(await recut.as(editor).send(UPDATE, { workspaceUuid: workspace.id, teamUuid, role }));
    expect(await outcome(low.team.id, "WORKSPACE_ADMIN")).toBe("FORBIDDEN");
    expect(await outcome(high.team.id, "WORKSPACE_VIEWER")).toBe("FORBIDDEN");
    expect(await outcome(low.team.id, "WORKSPACE_EDITOR")).toBe("ok");
    expect(await roleOf(high.team.id, recut.db)).toBe("WORKSPACE_ADMIN");
  });

  it("denies editors, other Workspaces' Admins and anonymous callers", async () => {
    const { workspace, editor } = await build.workspace();
    const { admin } = await build.workspace();
    const { team, member } = await build.team({ roles: [{ role: "WORKSPACE_EDITOR", workspaceId: workspace.id }] });
    const variables = { workspaceUuid: workspace.id, teamUuid: team.id, role: "WORKSPACE_VIEWER" };
    for (const someone of [editor, member, admin]) {
      expect(outcomeOf(await as(someone).send(UPDATE, variables))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await as(undefined).send(UPDATE, variables))).toBe("UNAUTHENTICATED");
    expect(await roleOf(team.id)).toBe("WORKSPACE_EDITOR");
  });
});

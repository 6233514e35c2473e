import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const strict = await testHouston({
  allowedSystemLevelDomains: ["Corp.example"],
  roles: { SYSTEM_EDITOR: { permissions: { "system.iam.update": true } } },
});

const CREATE = `mutation ($teamUuid: Uuid!, $role: Role!) {
  createTeamSystemRoleBinding(teamUuid: $teamUuid, role: $role) { id role team { id } user { id } workspace { id } }
}`;

const admin = await build.systemAdmin();

describe("createTeamSystemRoleBinding", () => {
  it.each(["SYSTEM_ADMIN", "SYSTEM_EDITOR", "SYSTEM_VIEWER"])(
    "grants %s, and once only when repeated",
    async (role) => {
      const { team, member } = await build.team();
      const variables = { teamUuid: team.id, role };
      const answers = await Promise.all(Array.from({ length: 5 }, () => as(admin).send(CREATE, variables)));
      const [binding, ...others] = await db.roleBinding.findMany({ where: { teamId: team.id } });
      expect(others).toEqual([]);
      for (const { data } of answers) {
        expect(data.createTeamSystemRoleBinding).toEqual({
          id: binding?.id,
          role,
          team: { id: team.id },
          user: null,
          workspace: null,
        });
      }
      expect(await db.auditEntry.count({ where: { entityId: team.id } })).toBe(1);
      const { data } = await as(member).send("{ self { permissions isAdmin } }");
      expect(data.self.permissions.system).toContain("system.users.get");
      expect(data.self.isAdmin).toBe(role === "SYSTEM_ADMIN");
    },
  );

  it("rejects other roles, unknown teams, and teams with a pending or unverified member", async () => {
    const pending = await build.user({ status: "pending" });
    const unverified = await build.user();
    await db.email.updateMany({ where: { userId: unverified.id }, data: { verified: false, proven: false } });
    const outcome = async (teamUuid: string, role = "SYSTEM_VIEWER") =>
      outcomeOf(await as(admin).send(CREATE, { teamUuid, role }));
    for (const one of [pending, unverified]) {
      const { team } = await build.team({ members: [admin, one] });
      expect(await outcome(team.id)).toBe("BAD_USER_INPUT teamUuid");
      expect(await db.roleBinding.count({ where: { teamId: team.id } })).toBe(0);
    }
    const { team } = await build.team();
    expect(await outcome(team.id, "WORKSPACE_ADMIN")).toBe("BAD_USER_INPUT role");
    expect(await outcome(team.id, "USER")).toBe("BAD_USER_INPUT role");
    expect(await outcome("nothing")).toBe("NOT_FOUND teamUuid");
    expect(await outcome("")).toBe("BAD_USER_INPUT teamUuid");
  });

  it("requires addresses of all members in allowedSystemLevelDomains, and the role from the caller", async () => {
    const [root, editor] = [
      await strict.build.systemAdmin(),
      await strict.build.user({ roles: [{ role: "SYSTEM_EDITOR" }] }),
    ];
    const inside = await strict.build.user({ email: "me@corp.example" });
    const outside = await strict.build.user({ email: "me@corp.example.com" });
    const mixed = await strict.build.team({ members: [inside, outside] });
    const good = await strict.build.team({ members: [inside] });
    const outcome = async (someone: { token: string }, teamUuid: string, role = "SYSTEM_ADMIN") =>
      outcomeOf(await strict.as(someone).send(CREATE, { teamUuid, role }));
    expect(await outcome(root, mixed.team.id)).toBe("BAD_USER_INPUT teamUuid");
    expect(await outcome(editor, good.team.id)).toBe("FORBIDDEN");
    expect(await outcome(editor, good.team.id, "SYSTEM_VIEWER")).toBe("ok");
    expect(await outcome(root, good.team.id)).toBe("ok");
  });

  it("denies System Editors, Workspace Admins and anonymous callers", async () => {
    const { team, member } = await build.team();
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const workspace = await build.workspace();
    const variables = { teamUuid: team.id, role: "SYSTEM_VIEWER" };
    for (const someone of [editor, workspace.admin, member]) {
      expect(outcomeOf(await as(someone).send(CREATE, variables))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await as(undefined).send(CREATE, variables))).toBe("UNAUTHENTICATED");
    expect(await db.roleBinding.count({ where: { teamId: team.id } })).toBe(0);
  });
});

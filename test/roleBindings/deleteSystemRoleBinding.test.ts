import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const DELETE = `mutation ($userId: ID!, $role: Role!) {
  deleteSystemRoleBinding(userId: $userId, role: $role) { id role user { id username } }
}`;

const admin = await build.systemAdmin();

describe("deleteSystemRoleBinding", () => {
  it("removes one role, returns its binding and revokes the user's sessions", async () => {
    const user = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }, { role: "SYSTEM_VIEWER" }] });
    const { data } = await as(admin).send(DELETE, { userId: user.id, role: "SYSTEM_EDITOR" });
    expect(data.deleteSystemRoleBinding).toEqual({
      id: expect.any(String),
      role: "SYSTEM_EDITOR",
      user: { id: user.id, username: user.username },
    });
    expect(await db.roleBinding.findMany({ where: { userId: user.id } })).toMatchObject([{ role: "SYSTEM_VIEWER" }]);
    expect(outcomeOf(await as(user).send("{ self { user { id } } }"))).toBe("UNAUTHENTICATED");
    expect(await db.auditEntry.findFirst({ where: { entityId: user.id } })).toMatchObject({
      action: "deleteSystemRoleBinding",
      detail: { role: "SYSTEM_EDITOR" },
    });
  });

  it("rejects roles that are not held, unknown users and roles of other levels", async () => {
    const { admin: member } = await build.workspace();
    const outcome = async (userId: string, role: string) => outcomeOf(await as(admin).send(DELETE, { userId, role }));
    expect(await outcome(member.id, "SYSTEM_VIEWER")).toBe("NOT_FOUND userId");
    expect(await outcome("nobody", "SYSTEM_VIEWER")).toBe("NOT_FOUND userId");
    expect(await outcome(member.id, "WORKSPACE_ADMIN")).toBe("BAD_USER_INPUT role");
    expect(await outcome(member.id, "USER")).toBe("BAD_USER_INPUT role");
    expect(await db.roleBinding.count({ where: { userId: member.id } })).toBe(1);
  });

  it("denies everyone but System Admins", async () => {
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const variables = { userId: admin.id, role: "SYSTEM_ADMIN" };
    expect(outcomeOf(await as(editor).send(DELETE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(DELETE, variables))).toBe("UNAUTHENTICATED");
  });

  it("lets a System Admin remove their own system role while another System Admin stays", async () => {
    const leaving = await build.systemAdmin();
    const variables = { userId: leaving.id, role: "SYSTEM_ADMIN" };
    const { data, errors } = await as(leaving).send(DELETE, variables);
    expect(errors).toBeUndefined();
    expect(data.deleteSystemRoleBinding).toMatchObject({ role: "SYSTEM_ADMIN", user: { id: leaving.id } });
    expect(await db.roleBinding.count({ where: { userId: leaving.id } })).toBe(0);
    const again = { token: await build.tokenOf(leaving.id) };
    expect(outcomeOf(await as(again).send(DELETE, variables))).toBe("FORBIDDEN");
    const last = await as(admin).send(DELETE, { userId: admin.id, role: "SYSTEM_ADMIN" });
    expect(outcomeOf(last)).toBe("CONFLICT userId");
    expect(last.errors?.[0]?.message).toContain("grant the role to another user first");
  });

  it("keeps one System Admin when several remove themselves concurrently", async () => {
    const admins = [admin, ...(await Promise.all(Array.from({ length: 9 }, build.systemAdmin)))];
    const answers = await Promise.all(
      admins.map((one) => as(one).send(DELETE, { userId: one.id, role: "SYSTEM_ADMIN" })),
    );
    const outcomes = answers.map(outcomeOf).sort();
    expect(outcomes).toEqual(["CONFLICT userId", ...Array.from({ length: 9 }, () => "ok")]);
    expect(await db.roleBinding.count({ where: { role: "SYSTEM_ADMIN" } })).toBe(1);
  });
});

import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const REMOVE = `mutation ($userUuid: Uuid, $id: Id) {
  removeUser(userUuid: $userUuid, id: $id) { uuid status emails { address } roleBindings { role } }
}`;

const admin = await build.systemAdmin();
const remove = (variables: Record<string, unknown>, someone: { token: string } | undefined = admin) =>
  as(someone).send(REMOVE, variables);

describe("removeUser", () => {
  it.each(["userUuid", "id"])("removes a user by %s with everything that belongs to them", async (argument) => {
    const { workspace } = await build.workspace();
    const user = await build.user({ roles: [{ role: "WORKSPACE_EDITOR", workspaceId: workspace.id }] });
    const other = argument === "id" ? "userUuid" : "id";
    const { data } = await remove({ [argument]: user.id, [other]: "" });
    expect(data.removeUser).toEqual({
      uuid: user.id,
      status: "active",
      emails: [{ address: user.email }],
      roleBindings: [{ role: "WORKSPACE_EDITOR" }],
    });
    expect(await db.user.count({ where: { id: user.id } })).toBe(0);
    expect(await db.email.count({ where: { address: user.email } })).toBe(0);
    expect(await db.session.count({ where: { userId: user.id } })).toBe(0);
    expect(await db.auditEntry.findFirst({ where: { entityId: user.id } })).toMatchObject({
      action: "removeUser",
      actor: `user:${admin.id}`,
    });
    expect(outcomeOf(await as(user).send("{ self { user { id } } }"))).toBe("UNAUTHENTICATED");
  });

  it("accepts the same ID under both names", async () => {
    const user = await build.user();
    expect(outcomeOf(await remove({ userUuid: user.id, id: user.id }))).toBe("ok");
  });

  it("rejects an unknown ID, a missing one, and two different ones", async () => {
    const user = await build.user();
    expect(outcomeOf(await remove({ id: "nobody" }))).toBe("NOT_FOUND id");
    expect(outcomeOf(await remove({}))).toBe("BAD_USER_INPUT userUuid, id");
    expect(outcomeOf(await remove({ id: "", userUuid: null }))).toBe("BAD_USER_INPUT userUuid, id");
    expect(outcomeOf(await remove({ id: user.id, userUuid: admin.id }))).toBe("BAD_USER_INPUT userUuid, id");
    expect(await db.user.count({ where: { id: user.id } })).toBe(1);
  });

  it("denies everyone but System Admins", async () => {
    const user = await build.user();
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    expect(outcomeOf(await remove({ id: user.id }, editor))).toBe("FORBIDDEN");
    expect(outcomeOf(await remove({ id: user.id }, user))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(REMOVE, { id: user.id }))).toBe("UNAUTHENTICATED");
  });

  it("names the Workspaces that would lose their last Admin", async () => {
    const [one, two] = [await build.workspace({ label: "One" }), await build.workspace({ label: "Two" })];
    await db.roleBinding.create({
      data: { userId: one.admin.id, workspaceId: two.workspace.id, role: "WORKSPACE_ADMIN" },
    });
    const { errors } = await remove({ userUuid: one.admin.id });
    expect(errors).toMatchObject([
      {
        message: "userUuid: the user is the last Workspace Admin of One; add another one first",
        extensions: { code: "CONFLICT", argument: "userUuid" },
      },
    ]);
    expect(outcomeOf(await remove({ userUuid: two.admin.id }))).toBe("ok");
    expect((await remove({ userUuid: one.admin.id })).errors?.[0]?.message).toContain("of One, Two;");
  });

  it("removes the last Admin of a Deployment, where Workspace Admins can act", async () => {
    const { admin: last } = await build.deployment();
    expect(outcomeOf(await remove({ id: last.id }))).toBe("ok");
  });

  it("keeps one of two System Admins who remove each other, and rejects removing the last", async () => {
    const other = await build.systemAdmin();
    const outcomes = (await Promise.all([remove({ id: other.id }), remove({ id: admin.id }, other)])).map(outcomeOf);
    expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(1);
    const left = await db.roleBinding.findMany({ where: { role: "SYSTEM_ADMIN" } });
    expect(left).toHaveLength(1);
    const last = left[0]?.userId === admin.id ? admin : other;
    expect(outcomeOf(await remove({ id: last.id }, last))).toBe("CONFLICT id");
    expect(await db.user.count({ where: { id: last.id } })).toBe(1);
  });
});

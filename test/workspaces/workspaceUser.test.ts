import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build } = await testHouston();

const USER = `query ($workspaceUuid: Uuid!, $user: UserSearch!) {
  workspaceUser(workspaceUuid: $workspaceUuid, user: $user) { id roleBindings { role workspace { id } } }
}`;

const { workspace, admin, editor, viewer, outsider } = await build.workspace();
const earliest = await build.user({
  fullName: "Early",
  createdAt: new Date("2020-01-01"),
  roles: [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id }],
});
await build.user({ fullName: "Early", roles: [{ role: "WORKSPACE_EDITOR", workspaceId: workspace.id }] });

const send = (user: object, someone: { token: string } | undefined = viewer) =>
  as(someone).send(USER, { workspaceUuid: workspace.id, user });

describe("workspaceUser", () => {
  it("returns a user of the Workspace with their role there", async () => {
    const { data } = await send({ email: editor.email.toUpperCase(), fullName: "" });
    expect(data.workspaceUser).toEqual({
      id: editor.id,
      roleBindings: [{ role: "WORKSPACE_EDITOR", workspace: { id: workspace.id } }],
    });
  });

  it("returns the earliest of several matches", async () => {
    expect((await send({ fullName: "Early" })).data.workspaceUser).toMatchObject({ id: earliest.id });
  });

  it("returns null without an error when no user of the Workspace matches", async () => {
    expect(await send({ email: outsider.email })).toMatchObject({ data: { workspaceUser: null } });
    expect(outcomeOf(await send({ email: outsider.email }))).toBe("ok");
    expect((await send({ userId: admin.id, userUuid: editor.id })).data.workspaceUser).toBeNull();
  });

  it.each([{}, { email: "", userId: null }])("rejects the search %j and names the possible arguments", async (user) => {
    const { errors } = await send(user);
    expect(errors?.[0]?.message).toBe(
      "user: must contain at least one of userId, userUuid, username, email, fullName, createdAt and updatedAt",
    );
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "user" } }]);
  });

  it("denies outsiders and anonymous callers", async () => {
    expect(outcomeOf(await send({ email: editor.email }, outsider))).toBe("FORBIDDEN");
    const anonymous = await as(undefined).send(USER, { workspaceUuid: workspace.id, user: { email: editor.email } });
    expect(outcomeOf(anonymous)).toBe("UNAUTHENTICATED");
  });
});

import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const UPDATE = `mutation ($workspaceUuid: Uuid!, $payload: JSON!) {
  updateWorkspace(workspaceUuid: $workspaceUuid, payload: $payload) { id label description }
}`;

describe("updateWorkspace", () => {
  it("renames the Workspace and keeps omitted fields", async () => {
    const { workspace, editor } = await build.workspace({ description: "Blue things" });
    const { data } = await as(editor).send(UPDATE, { workspaceUuid: workspace.id, payload: { label: " Blue " } });
    expect(data.updateWorkspace).toEqual({ id: workspace.id, label: "Blue", description: "Blue things" });
    expect(await db.workspace.findUniqueOrThrow({ where: { id: workspace.id } })).toMatchObject({ label: "Blue" });
    expect(await db.auditEntry.findFirst({ where: { entityId: workspace.id } })).toMatchObject({
      action: "updateWorkspace",
      actor: `user:${editor.id}`,
      detail: { label: "Blue" },
    });
  });

  it("denies viewers and outsiders with the same error as for an unknown Workspace", async () => {
    const { workspace, viewer, outsider } = await build.workspace();
    const payload = { label: "Taken over" };
    for (const [someone, workspaceUuid] of [
      [viewer, workspace.id],
      [outsider, workspace.id],
      [outsider, "nowhere"],
    ] as const) {
      const { data, errors, status } = await as(someone).send(UPDATE, { workspaceUuid, payload });
      expect(status).toBe(200);
      expect(data.updateWorkspace).toBeNull();
      expect(errors).toMatchObject([
        { message: "You do not have the appropriate permissions for that", extensions: { code: "FORBIDDEN" } },
      ]);
    }
    expect(await db.workspace.findUniqueOrThrow({ where: { id: workspace.id } })).toMatchObject({
      label: workspace.label,
    });
  });

  it("denies anonymous callers", async () => {
    const { workspace } = await build.workspace();
    const { errors } = await as(undefined).send(UPDATE, { workspaceUuid: workspace.id, payload: { label: "x" } });
    expect(errors).toMatchObject([
      { message: "You do not have the appropriate permissions for that", extensions: { code: "UNAUTHENTICATED" } },
    ]);
  });

  it("returns NOT_FOUND to a System Admin for an unknown Workspace", async () => {
    const { errors } = await as(await build.systemAdmin()).send(UPDATE, { workspaceUuid: "nowhere", payload: {} });
    expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND", argument: "workspaceUuid" } }]);
  });

  it.each([
    [{ label: "   " }, "payload.label: must be a string of 1 to 80 characters"],
    [{ label: "x".repeat(81) }, "payload.label: must be a string of 1 to 80 characters"],
    [{ label: "ok", role: "SYSTEM_ADMIN" }, "payload.role: is not a known field"],
    ["label", "payload: must be an object with label, description or both"],
  ])("rejects the payload %j", async (payload, message) => {
    const { workspace, editor } = await build.workspace();
    const { errors } = await as(editor).send(UPDATE, { workspaceUuid: workspace.id, payload });
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT" } }]);
    expect(await db.workspace.findUniqueOrThrow({ where: { id: workspace.id } })).toMatchObject({
      label: workspace.label,
    });
  });

  it("rejects a label in use", async () => {
    const [{ workspace, editor }, other] = [await build.workspace(), await build.workspace()];
    const payload = { label: other.workspace.label };
    const { errors } = await as(editor).send(UPDATE, { workspaceUuid: workspace.id, payload });
    expect(errors).toMatchObject([{ extensions: { code: "CONFLICT", argument: "payload.label" } }]);
  });
});

import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const CREATE = `mutation ($label: String!, $description: String) {
  createWorkspace(label: $label, description: $description) { id uuid label description roleBindings { role user { id } } }
}`;

describe("createWorkspace", () => {
  it("makes its creator the Workspace Admin", async () => {
    const user = await build.user();
    const { data } = await as(user).send(CREATE, { label: "  Blue ", description: "Things" });
    const row = await db.workspace.findUniqueOrThrow({ where: { label: "Blue" } });
    expect(data.createWorkspace).toEqual({
      id: row.id,
      uuid: row.id,
      label: "Blue",
      description: "Things",
      roleBindings: [{ role: "WORKSPACE_ADMIN", user: { id: user.id } }],
    });
    expect(await db.auditEntry.findFirst({ where: { entityId: row.id } })).toMatchObject({
      action: "createWorkspace",
      actor: `user:${user.id}`,
    });
  });

  it("binds no role when a system service account creates it", async () => {
    const account = await build.serviceAccount({ role: "SYSTEM_VIEWER" });
    const { data } = await as(account).send(CREATE, { label: "Made by a machine", description: null });
    expect(data.createWorkspace).toMatchObject({ description: "", roleBindings: [] });
    expect(await db.roleBinding.count({ where: { workspaceId: data.createWorkspace.id } })).toBe(0);
  });

  it("accepts a label once, also for concurrent requests", async () => {
    const user = await build.user();
    const answers = await Promise.all(Array.from({ length: 20 }, () => as(user).send(CREATE, { label: "Wanted" })));
    const outcomes = answers.map(outcomeOf).sort();
    expect(outcomes).toEqual([...Array(19).fill("CONFLICT label"), "ok"]);
    expect(await db.workspace.count({ where: { label: "Wanted" } })).toBe(1);
    expect(await db.auditEntry.count({ where: { action: "createWorkspace", actor: `user:${user.id}` } })).toBe(1);
  });

  it.each([
    [{ label: "" }, "label: must be a string of 1 to 80 characters"],
    [{ label: "   " }, "label: must be a string of 1 to 80 characters"],
    [{ label: "x".repeat(81) }, "label: must be a string of 1 to 80 characters"],
    [{ label: "fine", description: "x".repeat(1001) }, "description: must be a string of at most 1,000 characters"],
  ])("rejects %j", async (variables, message) => {
    const before = await db.workspace.count();
    const { errors } = await as(await build.user()).send(CREATE, variables);
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT" } }]);
    expect(await db.workspace.count()).toBe(before);
  });

  it("denies service accounts without a system role and anonymous callers", async () => {
    const { workspace } = await build.workspace();
    const account = await build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: workspace.id });
    expect(outcomeOf(await as(account).send(CREATE, { label: "No" }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(CREATE, { label: "No" }))).toBe("UNAUTHENTICATED");
    expect(await db.workspace.count({ where: { label: "No" } })).toBe(0);
  });
});

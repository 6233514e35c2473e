import { describe, expect, it } from "vitest";
import { limitNames } from "../../src/platform/config/limits.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston({ deployments: { overridableLimits: [...limitNames] } });

const DELETE = `mutation ($workspaceUuid: Uuid!, $reason: String) {
  deleteWorkspaceDeploymentsConfig(workspaceUuid: $workspaceUuid, reason: $reason) { id config deletedAt }
}`;

async function overridden() {
  const built = await build.workspace();
  const data = { workspaceId: built.workspace.id, config: { maxPodAu: 5 } };
  return { ...built, override: await db.deploymentsConfigOverride.create({ data }) };
}
const stored = (workspaceId: string) => db.deploymentsConfigOverride.findUnique({ where: { workspaceId } });

describe("deleteWorkspaceDeploymentsConfig", () => {
  it("returns the deleted override with the time of the deletion", async () => {
    const { workspace, admin, override } = await overridden();
    const { data } = await as(admin).send(DELETE, { workspaceUuid: workspace.id, reason: "done" });
    expect(data.deleteWorkspaceDeploymentsConfig).toMatchObject({ id: override.id, config: { maxPodAu: 5 } });
    expect(Date.parse(data.deleteWorkspaceDeploymentsConfig.deletedAt)).toBeGreaterThan(0);
    expect(await stored(workspace.id)).toBeNull();
    expect(await db.auditEntry.findFirst({ where: { entityId: workspace.id } })).toMatchObject({
      action: "deleteWorkspaceDeploymentsConfig",
      detail: { settings: ["maxPodAu"], reason: "done" },
    });
    expect(outcomeOf(await as(admin).send(DELETE, { workspaceUuid: workspace.id }))).toBe("NOT_FOUND workspaceUuid");
  });

  it("denies Workspace Editors, Workspace Viewers, outsiders and anonymous callers", async () => {
    const { workspace, editor, viewer, outsider } = await overridden();
    for (const someone of [editor, viewer, outsider]) {
      expect(outcomeOf(await as(someone).send(DELETE, { workspaceUuid: workspace.id }))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await as(undefined).send(DELETE, { workspaceUuid: workspace.id }))).toBe("UNAUTHENTICATED");
    expect(await stored(workspace.id)).not.toBeNull();
  });

  it("rejects an empty ID and a reason that is too long", async () => {
    const { workspace, admin } = await overridden();
    expect(outcomeOf(await as(admin).send(DELETE, { workspaceUuid: "" }))).toBe("BAD_USER_INPUT workspaceUuid");
    const reason = "x".repeat(1001);
    expect(outcomeOf(await as(admin).send(DELETE, { workspaceUuid: workspace.id, reason }))).toBe(
      "BAD_USER_INPUT reason",
    );
    expect(await stored(workspace.id)).not.toBeNull();
  });
});

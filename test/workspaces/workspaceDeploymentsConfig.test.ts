import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const CONFIG = `query ($workspaceUuid: Uuid!) {
  workspaceDeploymentsConfig(workspaceUuid: $workspaceUuid) { id settings: config deletedAt }
}`;

const { workspace, viewer, outsider } = await build.workspace();
const workspaceUuid = workspace.id;

describe("workspaceDeploymentsConfig", () => {
  it("returns the override to viewers, or null when there is none", async () => {
    const { data } = await as(viewer).send(CONFIG, { workspaceUuid });
    expect(data.workspaceDeploymentsConfig).toBeNull();
    const settings = { maxPodAu: 5 };
    const { id } = await db.deploymentsConfigOverride.create({ data: { workspaceId: workspace.id, config: settings } });
    const { data: later } = await as(viewer).send(CONFIG, { workspaceUuid });
    expect(later.workspaceDeploymentsConfig).toEqual({ id, settings, deletedAt: null });
  });

  it("denies outsiders, users of a Deployment and anonymous callers", async () => {
    const { admin: deployer } = await build.deployment({ workspaceId: workspace.id });
    expect(outcomeOf(await as(outsider).send(CONFIG, { workspaceUuid }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(deployer).send(CONFIG, { workspaceUuid }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(CONFIG, { workspaceUuid }))).toBe("UNAUTHENTICATED");
  });

  it("rejects unknown and empty IDs", async () => {
    const admin = await build.systemAdmin();
    expect(outcomeOf(await as(admin).send(CONFIG, { workspaceUuid: "nowhere" }))).toBe("NOT_FOUND workspaceUuid");
    expect(outcomeOf(await as(admin).send(CONFIG, { workspaceUuid: "" }))).toBe("BAD_USER_INPUT workspaceUuid");
  });
});

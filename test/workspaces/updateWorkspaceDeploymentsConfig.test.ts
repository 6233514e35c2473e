import { describe, expect, it } from "vitest";
import { limitNames } from "../../src/platform/config/limits.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston({ deployments: { overridableLimits: [...limitNames] } });

const UPDATE = `mutation ($workspaceUuid: Uuid!, $deploymentsConfigOverride: JSON!, $reason: String) {
  updateWorkspaceDeploymentsConfig(workspaceUuid: $workspaceUuid, deploymentsConfigOverride: $deploymentsConfigOverride, reason: $reason) {
    id config deletedAt
  }
}`;

const stored = (workspaceId: string) => db.deploymentsConfigOverride.findUnique({ where: { workspaceId } });

describe("updateWorkspaceDeploymentsConfig", () => {
  it("stores the override, keeps omitted keys, and records the reason in the audit log", async () => {
    const { workspace, editor } = await build.workspace();
    const send = (deploymentsConfigOverride: object, reason?: string) =>
      as(editor).send(UPDATE, { workspaceUuid: workspace.id, deploymentsConfigOverride, reason });
    const { data } = await send({ maxPodAu: 5, executors: [{ name: "LocalExecutor", enabled: false }] }, "budget");
    const { id, config } = data.updateWorkspaceDeploymentsConfig;
    expect(data.updateWorkspaceDeploymentsConfig.deletedAt).toBeNull();
    expect(await stored(workspace.id)).toMatchObject({ id, config, deploymentId: null, reason: "budget" });
    expect(await db.auditEntry.findFirst({ where: { entityId: workspace.id } })).toMatchObject({
      action: "updateWorkspaceDeploymentsConfig",
      workspaceId: workspace.id,
      detail: { settings: ["maxPodAu", "executors"], reason: "budget" },
    });
    expect((await send({})).data.updateWorkspaceDeploymentsConfig).toEqual({ id, config, deletedAt: null });
  });

  it("merges the keys given into the stored override, at any depth", async () => {
    const { workspace, editor } = await build.workspace();
    const send = async (deploymentsConfigOverride: object) =>
      (await as(editor).send(UPDATE, { workspaceUuid: workspace.id, deploymentsConfigOverride })).data
        .updateWorkspaceDeploymentsConfig.config;
    await send({
      maxPodAu: 5,
      astroUnit: { cpu: 7, memory: 7 },
      executors: [{ name: "LocalExecutor", enabled: false }],
    });
    const executors = [{ name: "CeleryExecutor", enabled: false }];
    const merged = { maxPodAu: 5, astroUnit: { cpu: 9, memory: 7 }, executors };
    expect(await send({ astroUnit: { cpu: 9 }, executors })).toEqual(merged);
    expect((await stored(workspace.id))?.config).toEqual(merged);
  });

  it("keeps all of twenty concurrent updates of different keys", async () => {
    const { workspace, admin } = await build.workspace();
    const keys = Array.from({ length: 20 }, (_, index) => `team${index}`);
    const system = await build.systemAdmin();
    const send = (who: typeof admin, deploymentsConfigOverride: object) =>
      as(who).send(UPDATE, { workspaceUuid: workspace.id, deploymentsConfigOverride });
    const all = await Promise.all(keys.map((key) => send(system, { namespaceLabels: { [key]: "x" } })));
    expect(all.map(outcomeOf)).toEqual(all.map(() => "ok"));
    const namespaceLabels = Object.fromEntries(keys.map((key) => [key, "x"]));
    expect((await stored(workspace.id))?.config).toEqual({ namespaceLabels });
  });

  it("does not accept keys of its own", async () => {
    const { workspace } = await build.workspace();
    const variables = { workspaceUuid: workspace.id, deploymentsConfigOverride: { own: { key: 1 } } };
    expect(outcomeOf(await as(await build.systemAdmin()).send(UPDATE, variables))).toBe(
      "BAD_USER_INPUT deploymentsConfigOverride.own",
    );
  });

  it("is stored once for twenty concurrent requests", async () => {
    const { workspace, editor } = await build.workspace();
    const variables = { workspaceUuid: workspace.id, deploymentsConfigOverride: { maxPodAu: 5 } };
    const all = await Promise.all(Array.from({ length: 20 }, () => as(editor).send(UPDATE, variables)));
    expect(all.map(outcomeOf)).toEqual(all.map(() => "ok"));
    expect(await db.deploymentsConfigOverride.count({ where: { workspaceId: workspace.id } })).toBe(1);
  });

  it("denies viewers, outsiders and anonymous callers", async () => {
    const { workspace, viewer, outsider } = await build.workspace();
    const variables = { workspaceUuid: workspace.id, deploymentsConfigOverride: {} };
    expect(outcomeOf(await as(viewer).send(UPDATE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(outsider).send(UPDATE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(UPDATE, variables))).toBe("UNAUTHENTICATED");
    expect(await stored(workspace.id)).toBeNull();
  });

  it("rejects unknown and invalid settings, those of the platform, and those for system roles only", async () => {
    const { workspace, admin } = await build.workspace();
    const send = async (deploymentsConfigOverride: unknown, workspaceUuid = workspace.id) =>
      outcomeOf(await as(admin).send(UPDATE, { workspaceUuid, deploymentsConfigOverride }));
    expect(await send({ nothing: 1 })).toBe("BAD_USER_INPUT deploymentsConfigOverride.nothing");
    expect(await send({ maxPodAu: -1 })).toBe("BAD_USER_INPUT deploymentsConfigOverride.maxPodAu");
    expect(await send({ database: { enabled: true } })).toBe("BAD_USER_INPUT deploymentsConfigOverride.database");
    expect(await send({ namespaceFreeFormEntry: true })).toBe(
      "FORBIDDEN deploymentsConfigOverride.namespaceFreeFormEntry",
    );
    expect(await send("x")).toBe("BAD_USER_INPUT deploymentsConfigOverride");
    expect(await send({}, "nowhere")).toBe("FORBIDDEN");
    expect(await stored(workspace.id)).toBeNull();
  });
});

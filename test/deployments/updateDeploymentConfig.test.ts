import { describe, expect, it } from "vitest";
import { limitNames } from "../../src/platform/config/limits.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston({ deployments: { overridableLimits: [...limitNames] } });

const UPDATE = `mutation ($deploymentUuid: Uuid!, $deploymentsConfigOverride: JSON!, $reason: String) {
  updateDeploymentConfig(deploymentUuid: $deploymentUuid, deploymentsConfigOverride: $deploymentsConfigOverride, reason: $reason) {
    id config deletedAt
  }
}`;

const stored = (deploymentId: string) => db.deploymentsConfigOverride.findUnique({ where: { deploymentId } });

describe("updateDeploymentConfig", () => {
  it("stores the override, keeps omitted keys, and records the reason in the audit log", async () => {
    const { deployment, editor } = await build.deployment();
    const deploymentUuid = deployment.id;
    const first = { maxPodAu: 5, astroUnit: { cpu: 7 } };
    const { data } = await as(editor).send(UPDATE, {
      deploymentUuid,
      deploymentsConfigOverride: first,
      reason: " a big job ",
    });
    const { id } = data.updateDeploymentConfig;
    expect(data.updateDeploymentConfig).toEqual({ id, config: first, deletedAt: null });
    expect(await stored(deployment.id)).toMatchObject({ id, config: first, workspaceId: null, reason: "a big job" });
    expect(await db.auditEntry.findFirst({ where: { action: "updateDeploymentConfig" } })).toMatchObject({
      entityType: "Deployment",
      entityId: deployment.id,
      workspaceId: deployment.workspaceId,
      detail: { settings: ["maxPodAu", "astroUnit"], reason: "a big job" },
    });
    await as(editor).send(UPDATE, { deploymentUuid, deploymentsConfigOverride: { maxExtraAu: 1 } });
    expect(await stored(deployment.id)).toMatchObject({ id, config: { ...first, maxExtraAu: 1 }, reason: "" });
  });

  const buildSender = async (config?: object) => {
    const { deployment, admin } = await build.deployment();
    if (config) await db.deploymentsConfigOverride.create({ data: { deploymentId: deployment.id, config } });
    return async (deploymentsConfigOverride: object, who: { token: string } = admin) => {
      const answer = await as(who).send(UPDATE, { deploymentUuid: deployment.id, deploymentsConfigOverride });
      return answer.data?.updateDeploymentConfig?.config ?? outcomeOf(answer);
    };
  };

  it("takes a key with the value DELETE_KEY out of the stored override, and objects that become empty", async () => {
    const send = await buildSender();
    await send({ maxPodAu: 5, maxExtraAu: 3, astroUnit: { cpu: 7, memory: 7 } });
    expect(await send({ maxPodAu: "DELETE_KEY", astroUnit: { cpu: "DELETE_KEY" } })).toEqual({
      maxExtraAu: 3,
      astroUnit: { memory: 7 },
    });
    expect(await send({ astroUnit: { memory: "DELETE_KEY" } })).toEqual({ maxExtraAu: 3 });
    expect(await send({ maxExtraAu: "DELETE_KEY", maxPodAu: "DELETE_KEY" })).toEqual({});
  });

  it("drops a DELETE_KEY that an earlier version stored, and lets a name be deleted that no longer exists", async () => {
    const send = await buildSender({ maxPodAu: "DELETE_KEY", astroUnit: { cpu: "DELETE_KEY" }, gone: 1 });
    expect(await send({})).toEqual({ gone: 1 });
    expect(await send({ neverThere: "DELETE_KEY" })).toBe("BAD_USER_INPUT deploymentsConfigOverride.neverThere");
    expect(await send({ gone: "DELETE_KEY" })).toEqual({});
  });

  it("returns the names that were given; a setting replaces the value stored under its other name", async () => {
    const send = await buildSender();
    const given = { triggererEnabled: false, deploymentLifecycle: { deployRollback: { enabled: true } } };
    expect(await send(given)).toEqual(given);
    const renamed = { airflowComponents: { triggerer: { enabled: true } } };
    expect(await send({ ...renamed, deployRollback: { deployRevisionReportNumberOfDays: 9 } })).toEqual({
      ...renamed,
      deploymentLifecycle: { deployRollback: { enabled: true } },
      deployRollback: { deployRevisionReportNumberOfDays: 9 },
    });
    expect(await send({ deployRollback: false })).toEqual({
      ...renamed,
      deployRollback: { enabled: false, deployRevisionReportNumberOfDays: 9 },
    });
    expect(await send({ triggererEnabled: false, ...renamed, deployRollback: "DELETE_KEY" })).toEqual(renamed);
  });

  it("deletes by either name what was stored under the other", async () => {
    const send = await buildSender({
      triggererEnabled: false,
      astroUnit: { cpu: 7 },
      resourceManagement: { executors: [{ name: "LocalExecutor", enabled: false }] },
      logHelmValues: { enabled: true },
      maxExtraAu: 1,
    });
    expect(
      await send({
        airflowComponents: { triggerer: "DELETE_KEY" },
        resourceManagement: { astroUnit: { cpu: "DELETE_KEY" } },
        executors: "DELETE_KEY",
        logHelmValues: "DELETE_KEY",
      }),
    ).toEqual({ maxExtraAu: 1 });
  });

  it("compares settings for system roles before and after the merge, by whichever name", async () => {
    const send = await buildSender({ manualNamespaceNames: true, maxPodAu: 3 });
    const manual = (enabled: unknown) => ({ namespaceManagement: { manualNamespaceNames: { enabled } } });
    expect(await send(manual(false))).toBe("FORBIDDEN deploymentsConfigOverride.manualNamespaceNames");
    expect(await send(manual("DELETE_KEY"))).toBe("FORBIDDEN deploymentsConfigOverride.manualNamespaceNames");
    expect(await send({ manualNamespaceNames: "DELETE_KEY" })).toBe(
      "FORBIDDEN deploymentsConfigOverride.manualNamespaceNames",
    );
    expect(await send({ maxPodAu: 4 })).toEqual({ manualNamespaceNames: true, maxPodAu: 4 });
    expect(await send(manual(true))).toEqual({ ...manual(true), maxPodAu: 4 });
    expect(await send(manual("DELETE_KEY"), await build.systemAdmin())).toEqual({ maxPodAu: 4 });
  });

  it("allows only system roles to set and remove overrides that affect the cluster", async () => {
    const { deployment, admin } = await build.deployment();
    const send = async (someone: { token: string }, deploymentsConfigOverride: object) =>
      outcomeOf(await as(someone).send(UPDATE, { deploymentUuid: deployment.id, deploymentsConfigOverride }));
    const helm = { airflow: { uid: 0 } };
    expect(await send(admin, { helm })).toBe("FORBIDDEN deploymentsConfigOverride.helm");
    expect(await send(admin, { preCreatedNamespaces: ["kube-system"] })).toBe(
      "FORBIDDEN deploymentsConfigOverride.preCreatedNamespaces",
    );
    expect(await stored(deployment.id)).toBeNull();
    expect(await send(await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] }), { helm })).toBe("ok");
    expect(await send(admin, {})).toBe("ok");
    expect(await send(admin, { helm: "DELETE_KEY" })).toBe("FORBIDDEN deploymentsConfigOverride.helm");
    expect(await send(admin, { helm, maxPodAu: 3 })).toBe("ok");
    expect(await stored(deployment.id)).toMatchObject({ config: { helm, maxPodAu: 3 } });
  });

  it("denies viewers, outsiders and anonymous callers", async () => {
    const { deployment, viewer, home } = await build.deployment();
    const variables = { deploymentUuid: deployment.id, deploymentsConfigOverride: {} };
    expect(outcomeOf(await as(viewer).send(UPDATE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(home?.editor).send(UPDATE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(home?.outsider).send(UPDATE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(UPDATE, variables))).toBe("UNAUTHENTICATED");
    expect(await stored(deployment.id)).toBeNull();
  });

  it("returns NOT_FOUND to a System Admin for an unknown Deployment", async () => {
    const variables = { deploymentUuid: "nowhere", deploymentsConfigOverride: {} };
    expect(outcomeOf(await as(await build.systemAdmin()).send(UPDATE, variables))).toBe("NOT_FOUND deploymentUuid");
  });

  it.each([
    [{ maxPodAU: 1 }, "deploymentsConfigOverride.maxPodAU: not a setting; closest of"],
    [{ maxPodAu: 0 }, "deploymentsConfigOverride.maxPodAu: must be a whole number of at least 1, not 0"],
    [
      { astroUnit: { cpu: "x" } },
      'deploymentsConfigOverride.astroUnit.cpu: must be a whole number of at least 1, not "x"',
    ],
    [{ subdomain: "x" }, "deploymentsConfigOverride.subdomain: can only be set for the whole platform"],
    [
      { gitSync: { allowPrivateNetworks: true } },
      "deploymentsConfigOverride.gitSync: can only be set for the whole platform",
    ],
    [
      { astroRuntimeReleasesFile: "/etc/passwd" },
      "deploymentsConfigOverride.astroRuntimeReleasesFile: can only be set for the whole platform",
    ],
    [
      { runtimeManagement: { astroRuntimeReleasesFile: "/etc/passwd" } },
      "deploymentsConfigOverride.runtimeManagement.astroRuntimeReleasesFile: can only be set for the whole platform",
    ],
    [
      { airflowComponents: { triggerer: { enabled: "x" } } },
      'deploymentsConfigOverride.airflowComponents.triggerer.enabled: must be true or false, not "x"',
    ],
    [{ maxPodAU: "DELETE_KEY" }, "deploymentsConfigOverride.maxPodAU: not a setting"],
    [{ pagination: "DELETE_KEY" }, "deploymentsConfigOverride.pagination: can only be set for the whole platform"],
    [[], "deploymentsConfigOverride: must be an object"],
  ])("rejects %j", async (deploymentsConfigOverride, message) => {
    const { deployment, editor } = await build.deployment();
    const { errors } = await as(editor).send(UPDATE, { deploymentUuid: deployment.id, deploymentsConfigOverride });
    expect(errors?.[0]?.message).toContain(message);
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
    expect(await stored(deployment.id)).toBeNull();
  });

  it("rejects a reason that is too long", async () => {
    const { deployment, editor } = await build.deployment();
    const variables = { deploymentUuid: deployment.id, deploymentsConfigOverride: {}, reason: "x".repeat(1001) };
    expect(outcomeOf(await as(editor).send(UPDATE, variables))).toBe("BAD_USER_INPUT reason");
  });

  it("names the first 20 of thousands of unknown keys, cut to 200 characters", async () => {
    const { deployment, editor } = await build.deployment();
    const keys = Array.from({ length: 3_000 }, (_, i) => [`${"k".repeat(300)}${i}`, 1]);
    const deploymentsConfigOverride = Object.fromEntries(keys);
    const { errors } = await as(editor).send(UPDATE, { deploymentUuid: deployment.id, deploymentsConfigOverride });
    const [error] = errors ?? [];
    expect(error?.extensions.code).toBe("BAD_USER_INPUT");
    expect(error?.message).toMatch(/; and 2980 more$/);
    expect(error?.message.split("; ")[0]).toMatch(/^deploymentsConfigOverride\.k{174}…: not a setting/);
  });

  it("rejects a dotted key, which would look like a nested name", async () => {
    const { deployment, admin } = await build.deployment();
    for (const key of ["helm.x", "namespaceManagement.manualReleaseNames.enabled", "maxPodAu."]) {
      const deploymentsConfigOverride = { [key]: 1 };
      const answer = await as(admin).send(UPDATE, { deploymentUuid: deployment.id, deploymentsConfigOverride });
      expect(outcomeOf(answer)).toBe(`BAD_USER_INPUT deploymentsConfigOverride.${key}`);
    }
  });
});

import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const UPDATE = `mutation ($deploymentUuid: Uuid!, $deploymentsConfigOverride: JSON!, $reason: String) {
  updateDeploymentConfig(deploymentUuid: $deploymentUuid, deploymentsConfigOverride: $deploymentsConfigOverride, reason: $reason) {
    id config deletedAt
  }
}`;

const stored = (deploymentId: string) => db.deploymentsConfigOverride.findUnique({ where: { deploymentId } });

describe("updateDeploymentConfig", () => {
  it("stores the override, replaces it, and records the reason in the audit log", async () => {
    const { deployment, editor } = await build.deployment();
    const deploymentUuid = deployment.id;
    const first = { maxPodAu: 5, astroUnit: "DELETE_KEY" };
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
    expect(await stored(deployment.id)).toMatchObject({ id, config: { maxExtraAu: 1 }, reason: "" });
  });

  it("allows only system roles to set and remove overrides that affect the cluster", async () => {
    const { deployment, admin } = await build.deployment();
    const send = async (someone: { token: string }, deploymentsConfigOverride: object) =>
      outcomeOf(await as(someone).send(UPDATE, { deploymentUuid: deployment.id, deploymentsConfigOverride }));
    const helm = { airflow: { uid: 0 } };
    expect(await send(admin, { helm })).toBe("FORBIDDEN");
    expect(await send(admin, { preCreatedNamespaces: ["kube-system"] })).toBe("FORBIDDEN");
    expect(await stored(deployment.id)).toBeNull();
    expect(await send(await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] }), { helm })).toBe("ok");
    expect(await send(admin, {})).toBe("FORBIDDEN");
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
});

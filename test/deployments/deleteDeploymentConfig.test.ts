import { describe, expect, it } from "vitest";
import { limitNames } from "../../src/platform/config/limits.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston({ deployments: { overridableLimits: [...limitNames] } });

const DELETE = `mutation ($deploymentUuid: Uuid!, $reason: String) {
  deleteDeploymentConfig(deploymentUuid: $deploymentUuid, reason: $reason) { id config deletedAt }
}`;

async function overridden(config: object = { maxPodAu: 5 }) {
  const built = await build.deployment();
  const override = await db.deploymentsConfigOverride.create({ data: { deploymentId: built.deployment.id, config } });
  return { ...built, override };
}
const stored = (deploymentId: string) => db.deploymentsConfigOverride.findUnique({ where: { deploymentId } });

describe("deleteDeploymentConfig", () => {
  it("returns the deleted override with the time of the deletion", async () => {
    const { deployment, admin, override } = await overridden();
    const { data } = await as(admin).send(DELETE, { deploymentUuid: deployment.id, reason: "done" });
    expect(data.deleteDeploymentConfig).toMatchObject({ id: override.id, config: { maxPodAu: 5 } });
    expect(Date.parse(data.deleteDeploymentConfig.deletedAt)).toBeGreaterThan(0);
    expect(await stored(deployment.id)).toBeNull();
    expect(await db.auditEntry.findFirst({ where: { action: "deleteDeploymentConfig" } })).toMatchObject({
      entityId: deployment.id,
      detail: { settings: ["maxPodAu"], reason: "done" },
    });
    expect(outcomeOf(await as(admin).send(DELETE, { deploymentUuid: deployment.id }))).toBe("NOT_FOUND deploymentUuid");
  });

  it("denies Deployment Editors, Deployment Viewers, outsiders and anonymous callers", async () => {
    const { deployment, editor, viewer, home } = await overridden();
    for (const someone of [editor, viewer, home?.outsider]) {
      expect(outcomeOf(await as(someone).send(DELETE, { deploymentUuid: deployment.id }))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await as(undefined).send(DELETE, { deploymentUuid: deployment.id }))).toBe("UNAUTHENTICATED");
    expect(await stored(deployment.id)).not.toBeNull();
  });

  it("denies others the deletion of overrides that only system roles may set", async () => {
    const { deployment, admin } = await overridden({ helm: { airflow: { uid: 5 } } });
    expect(outcomeOf(await as(admin).send(DELETE, { deploymentUuid: deployment.id }))).toBe(
      "FORBIDDEN deploymentsConfigOverride.helm",
    );
    expect(outcomeOf(await as(await build.systemAdmin()).send(DELETE, { deploymentUuid: deployment.id }))).toBe("ok");
  });
});

import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db, app } = await testHouston();

const SWITCH = `mutation ($deploymentUuid: Uuid!, $state: Boolean!) {
  updateDeploymentKedaConfig(deploymentUuid: $deploymentUuid, state: $state) { id label }
}`;

describe("updateDeploymentKedaConfig", () => {
  it("stores the switch, on and off, and answers the Deployment", async () => {
    const { deployment, editor } = await build.deployment();
    for (const state of [true, false]) {
      const { data } = await as(editor).send(SWITCH, { deploymentUuid: deployment.id, state });
      expect(data.updateDeploymentKedaConfig).toEqual({ id: deployment.id, label: deployment.label });
      const row = await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } });
      expect(row).toMatchObject({ kedaEnabled: state });
    }
    const entries = await db.auditEntry.findMany({ where: { entityId: deployment.id }, orderBy: { createdAt: "asc" } });
    expect(entries.map(({ action, detail }) => [action, detail])).toEqual([
      ["updateDeploymentKedaConfig", { kedaEnabled: true }],
      ["updateDeploymentKedaConfig", { kedaEnabled: false }],
    ]);
    const key = `deployment:${deployment.id}`;
    const { rows } = await app.services.pool.query("SELECT 1 FROM graphile_worker.jobs WHERE key = $1", [key]);
    expect(rows).toHaveLength(1);
  });

  it("refuses malformed input, viewers, strangers and callers without credentials", async () => {
    const { deployment, viewer, home } = await build.deployment();
    const admin = await build.systemAdmin();
    const missing = await as(admin).send(SWITCH, { deploymentUuid: "nothing", state: true });
    expect(outcomeOf(missing)).toBe("NOT_FOUND deploymentUuid");
    const malformed = await as(admin).send(SWITCH, { deploymentUuid: deployment.id, state: "yes" });
    expect(outcomeOf(malformed)).toBe("BAD_USER_INPUT");
    for (const someone of [viewer, home?.editor, home?.outsider]) {
      expect(outcomeOf(await as(someone).send(SWITCH, { deploymentUuid: deployment.id, state: true }))).toBe(
        "FORBIDDEN",
      );
    }
    const nobody = await as(undefined).send(SWITCH, { deploymentUuid: deployment.id, state: true });
    expect(outcomeOf(nobody)).toBe("UNAUTHENTICATED");
    expect(await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } })).toEqual(deployment);
  });
});

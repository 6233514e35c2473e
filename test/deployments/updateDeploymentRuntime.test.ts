import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { DENIED } from "../support/outcome.ts";
import { onAirflow, onRuntime } from "../support/versions.ts";

const { as, build, db, app } = await testHouston();

const UPDATE = `mutation ($deploymentUuid: Uuid!, $desiredRuntimeVersion: String!) {
  updateDeploymentRuntime(deploymentUuid: $deploymentUuid, desiredRuntimeVersion: $desiredRuntimeVersion) {
    id airflowVersion desiredAirflowVersion runtimeVersion desiredRuntimeVersion
  }
}`;

const stable = onRuntime("7.2.0", "2.5.1");

const rowOf = (id: string) => db.deployment.findUniqueOrThrow({ where: { id } });

describe("updateDeploymentRuntime", () => {
  it("schedules a version and keeps the current one", async () => {
    const { deployment, editor } = await build.deployment(stable);
    const given = { deploymentUuid: deployment.id, desiredRuntimeVersion: "8.0.0" };
    const { data, errors } = await as(editor).send(UPDATE, given);
    expect(errors).toBeUndefined();
    const after = { ...stable, desiredRuntimeVersion: "8.0.0", desiredAirflowVersion: "2.6.0" };
    expect(data.updateDeploymentRuntime).toEqual({ id: deployment.id, ...after });
    expect(await rowOf(deployment.id)).toMatchObject({ ...after, deployCount: 0 });
    expect(await db.auditEntry.findFirst({ where: { entityId: deployment.id } })).toMatchObject({
      action: "updateDeploymentRuntime",
      actor: `user:${editor.id}`,
    });
    const { rows } = await app.services.pool.query("SELECT 1 FROM graphile_worker.jobs WHERE key = $1", [
      `deployment:${deployment.id}`,
    ]);
    expect(rows).toHaveLength(1);
  });

  it("cancels a pending upgrade when given the current version", async () => {
    const pending = { ...stable, desiredRuntimeVersion: "8.0.0", desiredAirflowVersion: "2.6.0" };
    const { deployment, admin } = await build.deployment(pending);
    await as(admin).send(UPDATE, { deploymentUuid: deployment.id, desiredRuntimeVersion: "7.2.0" });
    expect(await rowOf(deployment.id)).toMatchObject(stable);
  });

  it("moves plain Airflow to a runtime version with the same or a later Airflow version", async () => {
    const { deployment, admin } = await build.deployment(onAirflow("2.5.1"));
    const { data } = await as(admin).send(UPDATE, { deploymentUuid: deployment.id, desiredRuntimeVersion: "7.2.0" });
    expect(data.updateDeploymentRuntime).toMatchObject({ runtimeVersion: null, desiredRuntimeVersion: "7.2.0" });
  });

  it("moves from a deprecated version, and lets a Deployment stay on one", async () => {
    const { deployment, editor } = await build.deployment(onRuntime("5.0.6", "2.3.3"));
    const given = { deploymentUuid: deployment.id };
    const stay = await as(editor).send(UPDATE, { ...given, desiredRuntimeVersion: "5.0.6" });
    expect(stay.errors).toBeUndefined();
    const { data } = await as(editor).send(UPDATE, { ...given, desiredRuntimeVersion: "6.0.0" });
    expect(data.updateDeploymentRuntime.desiredRuntimeVersion).toBe("6.0.0");
  });

  it.each([
    ["", "desiredRuntimeVersion: is required"],
    ["7.2.99", "desiredRuntimeVersion: unknown version 7.2.99; the latest are"],
    ["7.1.0", "desiredRuntimeVersion: 7.1.0 is earlier than 7.2.0, which the Deployment runs"],
  ])("rejects %j", async (desiredRuntimeVersion, message) => {
    const { deployment, admin } = await build.deployment(stable);
    const { errors } = await as(admin).send(UPDATE, { deploymentUuid: deployment.id, desiredRuntimeVersion });
    const extensions = { code: "BAD_USER_INPUT", argument: "desiredRuntimeVersion" };
    expect(errors).toMatchObject([{ message: expect.stringContaining(message), extensions }]);
    expect(await rowOf(deployment.id)).toEqual(deployment);
    expect(await db.auditEntry.count({ where: { entityId: deployment.id } })).toBe(0);
  });

  it.each([
    ["2.2.4", "7.2.0", "the Deployment runs Airflow 2.2.4; upgrade it to 2.2.5 or later first"],
    ["2.9.3", "7.2.0", "7.2.0 (Airflow 2.5.1) is earlier than Airflow 2.9.3, which the Deployment runs"],
  ])("rejects moving Airflow %s to %s", async (version, desiredRuntimeVersion, message) => {
    const { deployment, admin } = await build.deployment(onAirflow(version));
    const { errors } = await as(admin).send(UPDATE, { deploymentUuid: deployment.id, desiredRuntimeVersion });
    expect(errors).toMatchObject([{ message: expect.stringContaining(message) }]);
  });

  it("rejects deprecated versions unless System Admins are allowed to choose them", async () => {
    const given = { desiredRuntimeVersion: "5.0.8" };
    const old = onRuntime("5.0.6", "2.3.3");
    const { deployment } = await build.deployment(old);
    const refused = await as(await build.systemAdmin()).send(UPDATE, { ...given, deploymentUuid: deployment.id });
    const message = "desiredRuntimeVersion: 5.0.8 is deprecated; choose a stable version";
    expect(refused.errors).toMatchObject([{ message }]);

    const open = await testHouston({ deployments: { enableSystemAdminCanCreateDeprecatedAirflows: true } });
    const { deployment: there, admin } = await open.build.deployment(old);
    const still = await open.as(admin).send(UPDATE, { ...given, deploymentUuid: there.id });
    expect(still.errors).toMatchObject([{ message }]);
    const { data } = await open.as(await open.build.systemAdmin()).send(UPDATE, { ...given, deploymentUuid: there.id });
    expect(data.updateDeploymentRuntime.desiredRuntimeVersion).toBe("5.0.8");
  });

  it("is disabled together with runtime versions", async () => {
    const off = await testHouston({ deployments: { astroRuntimeEnabled: false } });
    const { deployment, admin } = await off.build.deployment(onAirflow("2.5.1"));
    const given = { deploymentUuid: deployment.id, desiredRuntimeVersion: "7.2.0" };
    const { errors } = await off.as(admin).send(UPDATE, given);
    expect(errors).toMatchObject([{ extensions: { code: "FEATURE_DISABLED" } }]);
  });

  it("denies viewers, outsiders and anonymous callers", async () => {
    const { deployment, viewer, home } = await build.deployment(stable);
    for (const someone of [viewer, home?.editor, home?.outsider, undefined]) {
      const given = { deploymentUuid: deployment.id, desiredRuntimeVersion: "8.0.0" };
      expect((await as(someone).send(UPDATE, given)).errors).toMatchObject([{ message: DENIED }]);
    }
    expect(await rowOf(deployment.id)).toEqual(deployment);
  });
});

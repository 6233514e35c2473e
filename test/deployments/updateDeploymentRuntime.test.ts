import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { DENIED } from "../support/outcome.ts";
import { onAirflow, onRuntime } from "../support/versions.ts";

const { as, build, db, app } = await testHouston();

const folder = mkdtempSync(join(tmpdir(), "houston-runtime-"));
afterAll(() => rmSync(folder, { recursive: true }));
const astroRuntimeReleasesFile = join(folder, "runtime.json");
const withdrawn = { airflowVersion: "2.7.0", yanked: true, yankedReason: "Tasks hang" };
writeFileSync(
  astroRuntimeReleasesFile,
  JSON.stringify({ runtimeVersions: { "9.0.0": { metadata: withdrawn }, "9.2.0": { metadata: withdrawn } } }),
);
const open = await testHouston({
  deployments: { astroRuntimeReleasesFile, enableSystemAdminCanCreateDeprecatedAirflows: true },
  helm: { releaseVersion: "2.1.0" },
});

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
    const given = { deploymentUuid: deployment.id, desiredRuntimeVersion: "8.1.0" };
    const { data, errors } = await as(editor).send(UPDATE, given);
    expect(errors).toBeUndefined();
    const after = { ...stable, desiredRuntimeVersion: "8.1.0", desiredAirflowVersion: "2.6.0" };
    const shown = { ...after, airflowVersion: null, desiredAirflowVersion: null };
    expect(data.updateDeploymentRuntime).toEqual({ id: deployment.id, ...shown });
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
    const pending = { ...stable, desiredRuntimeVersion: "8.1.0", desiredAirflowVersion: "2.6.0" };
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

  it("moves forward from 13.x to a version for Airflow 3, and not back", async () => {
    const { deployment, admin } = await build.deployment(onRuntime("13.11.0", "2.11.2"));
    const given = { deploymentUuid: deployment.id };
    const { data, errors } = await as(admin).send(UPDATE, { ...given, desiredRuntimeVersion: "3.1-21" });
    expect(errors).toBeUndefined();
    expect(data.updateDeploymentRuntime).toMatchObject({ runtimeVersion: "13.11.0", desiredRuntimeVersion: "3.1-21" });
    expect(await rowOf(deployment.id)).toMatchObject({ desiredAirflowVersion: "3.1.8" });
    await db.deployment.update({ where: { id: deployment.id }, data: onRuntime("3.1-21", "3.1.8") });
    const back = await as(admin).send(UPDATE, { ...given, desiredRuntimeVersion: "13.11.0" });
    const message =
      "desiredRuntimeVersion: 13.11.0 is earlier than 3.1-21, which the Deployment runs; downgrades are not possible";
    expect(back.errors).toMatchObject([{ message }]);
  });

  it("accepts a version past its end of support that is given by name", async () => {
    const { deployment, editor } = await build.deployment(stable);
    const given = { deploymentUuid: deployment.id, desiredRuntimeVersion: "11.8.0" };
    expect((await as(editor).send(UPDATE, given)).errors).toBeUndefined();
    expect(await rowOf(deployment.id)).toMatchObject({ desiredRuntimeVersion: "11.8.0" });
  });

  it("rejects a yanked version with the reason, also for System Admins", async () => {
    const { deployment, admin } = await open.build.deployment(onRuntime("9.0.0", "2.7.0"));
    for (const someone of [admin, await open.build.systemAdmin()]) {
      const given = { deploymentUuid: deployment.id, desiredRuntimeVersion: "9.2.0" };
      const { errors } = await open.as(someone).send(UPDATE, given);
      const message = "desiredRuntimeVersion: 9.2.0 was withdrawn (Tasks hang); choose another version";
      expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT" } }]);
    }
    expect(await open.db.deployment.findFirst({ where: { id: deployment.id } })).toEqual(deployment);
  });

  it("lets a Deployment stay on a yanked version, deploy it and change other settings", async () => {
    const { deployment, editor } = await open.build.deployment(onRuntime("9.0.0", "2.7.0"));
    const { id, releaseName } = deployment;
    const UPSERT = `mutation ($id: Uuid!, $releaseName: String!) {
      settings: upsertDeployment(deploymentUuid: $id, runtimeVersion: "9.0.0", label: "Green") { label runtimeVersion }
      deploy: updateDeploymentImage(releaseName: $releaseName, image: "blue:1", runtimeVersion: "9.0.0") { label }
      stay: updateDeploymentRuntime(deploymentUuid: $id, desiredRuntimeVersion: "9.0.0") { runtimeAirflowVersion }
    }`;
    const { data, errors } = await open.as(editor).send(UPSERT, { id, releaseName });
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      settings: { label: "Green", runtimeVersion: "9.0.0" },
      deploy: { label: "Green" },
      stay: { runtimeAirflowVersion: "2.7.0" },
    });
  });

  it("rejects moving plain Airflow to a version whose Airflow is unknown", async () => {
    const { deployment, admin } = await build.deployment(onAirflow("2.5.1"));
    const given = { deploymentUuid: deployment.id, desiredRuntimeVersion: "13.1.0" };
    const { errors } = await as(admin).send(UPDATE, given);
    const reason = "the platform's release file does not contain the Airflow version of 13.1.0; choose another";
    expect(errors).toMatchObject([{ message: `desiredRuntimeVersion: ${reason}` }]);
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
    const given = { desiredRuntimeVersion: "12.12.0" };
    const old = onRuntime("5.0.6", "2.3.3");
    const { deployment } = await build.deployment(old);
    const refused = await as(await build.systemAdmin()).send(UPDATE, { ...given, deploymentUuid: deployment.id });
    const message = "desiredRuntimeVersion: 12.12.0 is deprecated; choose a stable version";
    expect(refused.errors).toMatchObject([{ message }]);

    const open = await testHouston({ deployments: { enableSystemAdminCanCreateDeprecatedAirflows: true } });
    const { deployment: there, admin } = await open.build.deployment(old);
    const still = await open.as(admin).send(UPDATE, { ...given, deploymentUuid: there.id });
    expect(still.errors).toMatchObject([{ message }]);
    const { data } = await open.as(await open.build.systemAdmin()).send(UPDATE, { ...given, deploymentUuid: there.id });
    expect(data.updateDeploymentRuntime.desiredRuntimeVersion).toBe("12.12.0");
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
      const given = { deploymentUuid: deployment.id, desiredRuntimeVersion: "8.1.0" };
      expect((await as(someone).send(UPDATE, given)).errors).toMatchObject([{ message: DENIED }]);
    }
    expect(await rowOf(deployment.id)).toEqual(deployment);
  });
});

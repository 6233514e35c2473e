import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { DENIED } from "../support/outcome.ts";
import { onAirflow } from "../support/versions.ts";

const { as, build, db } = await testHouston();

const UPDATE = `mutation ($deploymentUuid: Uuid!, $desiredAirflowVersion: String!) {
  updateDeploymentAirflow(deploymentUuid: $deploymentUuid, desiredAirflowVersion: $desiredAirflowVersion) {
    id airflowVersion desiredAirflowVersion runtimeVersion desiredRuntimeVersion
  }
}`;

const rowOf = (id: string) => db.deployment.findUniqueOrThrow({ where: { id } });

describe("updateDeploymentAirflow", () => {
  it("schedules a version, and cancels it when given the current one", async () => {
    const { deployment, editor } = await build.deployment(onAirflow("2.5.1"));
    const given = { deploymentUuid: deployment.id };
    const { data, errors } = await as(editor).send(UPDATE, { ...given, desiredAirflowVersion: "2.9.3" });
    expect(errors).toBeUndefined();
    const after = { airflowVersion: "2.5.1", desiredAirflowVersion: "2.9.3" };
    const runtime = { runtimeVersion: null, desiredRuntimeVersion: null };
    expect(data.updateDeploymentAirflow).toEqual({ id: deployment.id, ...after, ...runtime });
    expect(await rowOf(deployment.id)).toMatchObject({ ...after, ...runtime });
    await as(editor).send(UPDATE, { ...given, desiredAirflowVersion: "2.5.1" });
    expect(await rowOf(deployment.id)).toMatchObject(onAirflow("2.5.1"));
  });

  it.each([
    ["", "desiredAirflowVersion: is required"],
    ["1.2.3", "desiredAirflowVersion: unknown version 1.2.3"],
    ["2.5.0", "desiredAirflowVersion: 2.5.0 is earlier than Airflow 2.5.1, which the Deployment runs"],
  ])("rejects %j", async (desiredAirflowVersion, message) => {
    const { deployment, admin } = await build.deployment(onAirflow("2.5.1"));
    const { errors } = await as(admin).send(UPDATE, { deploymentUuid: deployment.id, desiredAirflowVersion });
    expect(errors).toMatchObject([{ message: expect.stringContaining(message) }]);
    expect(await rowOf(deployment.id)).toEqual(deployment);
  });

  it("rejects a deprecated version, and a Deployment that runs a runtime version", async () => {
    const old = await build.deployment(onAirflow("2.2.5"));
    const given = { deploymentUuid: old.deployment.id, desiredAirflowVersion: "2.3.4" };
    const deprecated = "desiredAirflowVersion: 2.3.4 is deprecated; choose a stable version";
    expect((await as(old.admin).send(UPDATE, given)).errors).toMatchObject([{ message: deprecated }]);

    const runtime = { ...onAirflow("2.5.1"), runtimeVersion: "7.2.0", desiredRuntimeVersion: "7.2.0" };
    const { deployment, admin } = await build.deployment(runtime);
    const { errors } = await as(admin).send(UPDATE, { deploymentUuid: deployment.id, desiredAirflowVersion: "2.9.3" });
    const message = "desiredAirflowVersion: the Deployment runs Runtime 7.2.0; upgrade it to a Runtime version instead";
    expect(errors).toMatchObject([{ message }]);
  });

  it("denies viewers, outsiders and anonymous callers", async () => {
    const { deployment, viewer, home } = await build.deployment(onAirflow("2.5.1"));
    for (const someone of [viewer, home?.outsider, undefined]) {
      const given = { deploymentUuid: deployment.id, desiredAirflowVersion: "2.9.3" };
      expect((await as(someone).send(UPDATE, given)).errors).toMatchObject([{ message: DENIED }]);
    }
    expect(await rowOf(deployment.id)).toEqual(deployment);
  });
});

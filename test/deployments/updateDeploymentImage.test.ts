import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { DENIED } from "../support/outcome.ts";
import { onAirflow, onRuntime } from "../support/versions.ts";

const { as, build, db, app } = await testHouston({ deployments: { enableUpdateDeploymentImageEndpoint: true } });

const UPDATE = `mutation ($releaseName: String!, $image: String!, $dockerconfigjson: JSON, $airflowVersion: String,
  $runtimeVersion: String, $deployRevisionDescription: String) {
  updateDeploymentImage(releaseName: $releaseName, image: $image, dockerconfigjson: $dockerconfigjson,
    airflowVersion: $airflowVersion, runtimeVersion: $runtimeVersion,
    deployRevisionDescription: $deployRevisionDescription) {
    releaseName airflowVersion desiredAirflowVersion runtimeVersion desiredRuntimeVersion deployInfo { current nextCli }
  }
}`;

const present = onRuntime("7.2.0", "2.5.1");
const pending = { ...present, desiredRuntimeVersion: "8.0.0", desiredAirflowVersion: "2.6.0" };

const rowOf = (id: string) => db.deployment.findUniqueOrThrow({ where: { id } });
const imageOf = (tag: string) => `registry.example.com:5000/blue/airflow:${tag}`;

describe("updateDeploymentImage", () => {
  it("stores the image, encrypted credentials and a revision, and changes nothing else", async () => {
    const { deployment, editor } = await build.deployment(present);
    const { releaseName } = deployment;
    const { data, errors } = await as(editor).send(UPDATE, {
      releaseName,
      image: imageOf("deploy-1"),
      dockerconfigjson: { auths: { "registry.example.com": { auth: "c2VjcmV0" } } },
      airflowVersion: "",
      runtimeVersion: "",
      deployRevisionDescription: "First try",
    });
    expect(errors).toBeUndefined();
    const deployInfo = { current: "deploy-1", nextCli: "deploy-2" };
    const shown = { ...present, airflowVersion: null, desiredAirflowVersion: null };
    expect(data.updateDeploymentImage).toEqual({ releaseName, ...shown, deployInfo });
    const { updatedAt: _, dockerconfigjson, ...row } = await rowOf(deployment.id);
    const { updatedAt: __, dockerconfigjson: ___, ...before } = deployment;
    const updatedBy = `user:${editor.id}`;
    expect(row).toEqual({ ...before, image: imageOf("deploy-1"), deployCount: 1, updatedBy });
    const docker = app.services.secrets.open(dockerconfigjson ?? "", `Deployment:${releaseName}:dockerconfigjson`);
    expect(JSON.parse(docker)).toEqual({ auths: { "registry.example.com": { auth: "c2VjcmV0" } } });
    expect(await db.deployRevision.findMany({ where: { deploymentId: deployment.id } })).toMatchObject([
      { image: imageOf("deploy-1"), tag: "deploy-1", description: "First try" },
    ]);
    const audited = await db.auditEntry.findMany({ where: { entityId: deployment.id } });
    expect(audited).toMatchObject([
      { action: "updateDeploymentImage", actor: `user:${editor.id}`, detail: { image: imageOf("deploy-1") } },
    ]);
    expect(JSON.stringify(audited)).not.toContain("c2VjcmV0");
    const { rows } = await app.services.pool.query("SELECT 1 FROM graphile_worker.jobs WHERE key = $1", [
      `deployment:${deployment.id}`,
    ]);
    expect(rows).toHaveLength(1);
  });

  it("keeps the stored credentials when none are provided", async () => {
    const { deployment, editor } = await build.deployment({ ...present, dockerconfigjson: "sealed" });
    for (const [n, dockerconfigjson] of [null, "", {}].entries()) {
      const given = { releaseName: deployment.releaseName, image: imageOf(`${n}`), dockerconfigjson };
      expect((await as(editor).send(UPDATE, given)).errors).toBeUndefined();
    }
    expect(await rowOf(deployment.id)).toMatchObject({ dockerconfigjson: "sealed", deployCount: 3 });
  });

  it("makes the image's version the current one, and completes a pending upgrade to it", async () => {
    const { deployment, editor } = await build.deployment(pending);
    const given = { releaseName: deployment.releaseName, image: imageOf("1"), runtimeVersion: "8.0.0" };
    expect((await as(editor).send(UPDATE, given)).errors).toBeUndefined();
    expect(await rowOf(deployment.id)).toMatchObject(onRuntime("8.0.0", "2.6.0"));
  });

  it.each(["7.2.0", "7.3.0", undefined])(
    "keeps a pending upgrade pending for an image with %j",
    async (runtimeVersion) => {
      const { deployment, editor } = await build.deployment(pending);
      const given = { releaseName: deployment.releaseName, image: imageOf("1"), runtimeVersion };
      expect((await as(editor).send(UPDATE, given)).errors).toBeUndefined();
      expect(await rowOf(deployment.id)).toMatchObject({ ...pending, runtimeVersion: runtimeVersion ?? "7.2.0" });
    },
  );

  it("still deploys to a deprecated version", async () => {
    const { deployment, editor } = await build.deployment(onRuntime("5.0.6", "2.3.3"));
    const given = { releaseName: deployment.releaseName, image: imageOf("1"), runtimeVersion: "5.0.6" };
    expect((await as(editor).send(UPDATE, given)).errors).toBeUndefined();
  });

  it("still deploys to a version that the platform no longer lists", async () => {
    const off = await testHouston({
      helm: { releaseVersion: "2.1.0" },
      deployments: { astroRuntimeEnabled: false, minAstroRuntimeVersion: "9.0.0" },
    });
    const { deployment, editor } = await off.build.deployment(present);
    const given = { releaseName: deployment.releaseName, image: imageOf("1"), runtimeVersion: "7.2.0" };
    expect((await off.as(editor).send(UPDATE, given)).errors).toBeUndefined();
    expect(await off.db.deployment.findFirst()).toMatchObject({ ...present, deployCount: 1 });
  });

  it("moves plain Airflow to a later version and to a runtime version", async () => {
    const { deployment, editor } = await build.deployment({ airflowVersion: "2.5.1", desiredAirflowVersion: "2.5.1" });
    const given = { releaseName: deployment.releaseName, image: imageOf("1") };
    await as(editor).send(UPDATE, { ...given, airflowVersion: "2.5.3" });
    expect(await rowOf(deployment.id)).toMatchObject({ airflowVersion: "2.5.3", desiredAirflowVersion: "2.5.3" });
    await as(editor).send(UPDATE, { ...given, runtimeVersion: "7.6.0" });
    expect(await rowOf(deployment.id)).toMatchObject(onRuntime("7.6.0", "2.5.3"));
  });

  it.each(["2.5.1+astro.1", "2.9.3", "latest", "x".repeat(99)])(
    "ignores the Airflow version %j of an image with a Runtime version",
    async (airflowVersion) => {
      const { deployment, editor } = await build.deployment(present);
      const given = { releaseName: deployment.releaseName, image: imageOf("1"), airflowVersion };
      const { errors } = await as(editor).send(UPDATE, { ...given, runtimeVersion: "7.6.0" });
      expect(errors).toBeUndefined();
      expect(await rowOf(deployment.id)).toMatchObject({ ...onRuntime("7.6.0", "2.5.3"), deployCount: 1 });
    },
  );

  it("ignores the build in the Airflow version of an image without a Runtime version", async () => {
    const { deployment, editor } = await build.deployment(onAirflow("2.4.3"));
    const given = { releaseName: deployment.releaseName, image: imageOf("1"), runtimeVersion: "" };
    const { data, errors } = await as(editor).send(UPDATE, { ...given, airflowVersion: "2.4.3+astro.2" });
    expect(errors).toBeUndefined();
    expect(data.updateDeploymentImage).toMatchObject({ airflowVersion: "2.4.3", desiredAirflowVersion: "2.4.3" });
  });

  it("does not count the same image and tag again, but stores its versions and credentials", async () => {
    const { deployment, editor } = await build.deployment(present);
    const given = { releaseName: deployment.releaseName, image: imageOf("deploy-1") };
    await as(editor).send(UPDATE, given);
    const again = { ...given, runtimeVersion: "7.6.0", dockerconfigjson: { auths: {} } };
    const { data } = await as(editor).send(UPDATE, again);
    const deployInfo = { current: "deploy-1", nextCli: "deploy-2" };
    expect(data.updateDeploymentImage).toMatchObject({ runtimeVersion: "7.6.0", deployInfo });
    const row = await rowOf(deployment.id);
    expect(row).toMatchObject({ deployCount: 1, dockerconfigjson: expect.any(String) });
    await Promise.all(Array.from({ length: 3 }, () => as(editor).send(UPDATE, { ...given, image: imageOf("ci") })));
    expect(await rowOf(deployment.id)).toMatchObject({ deployCount: 2 });
    expect(await db.deployRevision.count({ where: { deploymentId: deployment.id } })).toBe(2);
  });

  it("counts an earlier image again", async () => {
    const { deployment, editor } = await build.deployment(present);
    const { releaseName } = deployment;
    for (const tag of ["1", "2", "1"]) await as(editor).send(UPDATE, { releaseName, image: imageOf(tag) });
    expect(await rowOf(deployment.id)).toMatchObject({ image: imageOf("1"), deployCount: 3 });
  });

  it("counts each of several concurrent deploys", async () => {
    const { deployment, editor } = await build.deployment(present);
    const given = { releaseName: deployment.releaseName };
    await Promise.all(
      Array.from({ length: 5 }, (_, n) => as(editor).send(UPDATE, { ...given, image: imageOf(`ci-${n}`) })),
    );
    expect(await rowOf(deployment.id)).toMatchObject({ deployCount: 5 });
    expect(await db.deployRevision.count({ where: { deploymentId: deployment.id } })).toBe(5);
  });

  it.each([
    [{ image: "" }, "image: must be an image name"],
    [{ image: "two words" }, "image: must be an image name"],
    [{ runtimeVersion: "7.1.0" }, "runtimeVersion: 7.1.0 is earlier than 7.2.0, which the Deployment runs"],
    [{ runtimeVersion: "7.2.99" }, "runtimeVersion: unknown version 7.2.99"],
    [{ airflowVersion: "2.9.3" }, "airflowVersion: the Deployment runs Runtime 7.2.0; use runtimeVersion instead"],
    [{ airflowVersion: "x".repeat(41) }, "airflowVersion: must be a version of at most 40 characters"],
    [{ dockerconfigjson: "{" }, "dockerconfigjson: must be the object"],
    [
      { deployRevisionDescription: "x".repeat(1001) },
      "deployRevisionDescription: must be a string of at most 1,000 characters",
    ],
  ])("rejects %j", async (given, message) => {
    const { deployment, admin } = await build.deployment(present);
    const image = imageOf("1");
    const { errors } = await as(admin).send(UPDATE, { releaseName: deployment.releaseName, image, ...given });
    const extensions = { code: "BAD_USER_INPUT" };
    expect(errors).toMatchObject([{ message: expect.stringContaining(message), extensions }]);
    expect(await rowOf(deployment.id)).toEqual(deployment);
    expect(await db.deployRevision.count({ where: { deploymentId: deployment.id } })).toBe(0);
  });

  it("rejects viewers, outsiders, anonymous callers and unknown releases", async () => {
    const { deployment, admin, viewer, home } = await build.deployment(present);
    const given = { releaseName: deployment.releaseName, image: imageOf("1") };
    for (const someone of [viewer, home?.editor, home?.outsider, undefined]) {
      expect((await as(someone).send(UPDATE, given)).errors).toMatchObject([{ message: DENIED }]);
    }
    const { errors } = await as(admin).send(UPDATE, { ...given, releaseName: "other-release-1234" });
    expect(errors).toMatchObject([{ message: DENIED }]);
    expect(await rowOf(deployment.id)).toEqual(deployment);
  });
});

describe("updateDeploymentImage when disabled", () => {
  it("is rejected with the name of the setting", async () => {
    const { as, build, db } = await testHouston();
    const { deployment, admin } = await build.deployment(present);
    const given = { releaseName: deployment.releaseName, image: imageOf("1") };
    const { errors } = await as(admin).send(UPDATE, given);
    const message = "updateDeploymentImage: deployments.enableUpdateDeploymentImageEndpoint is false on this platform";
    expect(errors).toMatchObject([{ message, extensions: { code: "FEATURE_DISABLED" } }]);
    expect(await db.deployRevision.count()).toBe(0);
  });

  it.each([
    { helm: { releaseVersion: "1.0.0" } },
    { registry: { protectedCustomRegistry: { updateRegistry: { enabled: true } } } },
  ])("works with %j", async (settings) => {
    const { as, build } = await testHouston(settings);
    const { deployment, admin } = await build.deployment(present);
    const given = { releaseName: deployment.releaseName, image: imageOf("1") };
    expect((await as(admin).send(UPDATE, given)).errors).toBeUndefined();
  });
});

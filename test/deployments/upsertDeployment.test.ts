import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { DENIED } from "../support/outcome.ts";

const { as, build, db, app } = await testHouston({ deployments: { upsertDeploymentEnabled: true } });

const UPSERT = `mutation ($workspaceUuid: Uuid, $deploymentUuid: Uuid, $clusterId: Uuid, $label: String, $description: String,
  $releaseName: String, $namespace: String, $type: String, $mode: AllowedDeploymentModeValues, $image: String,
  $environmentVariables: [InputEnvironmentVariable], $dockerconfigjson: JSON, $airflowVersion: String,
  $runtimeVersion: String, $desiredRuntimeVersion: String, $executor: ExecutorType, $workers: Workers,
  $triggerer: Triggerer, $dagDeployment: DagDeployment, $properties: JSON) {
  upsertDeployment(workspaceUuid: $workspaceUuid, deploymentUuid: $deploymentUuid, clusterId: $clusterId, label: $label,
    description: $description, releaseName: $releaseName, namespace: $namespace, type: $type, mode: $mode, image: $image,
    environmentVariables: $environmentVariables, dockerconfigjson: $dockerconfigjson, airflowVersion: $airflowVersion,
    runtimeVersion: $runtimeVersion, desiredRuntimeVersion: $desiredRuntimeVersion, executor: $executor,
    workers: $workers, triggerer: $triggerer, dagDeployment: $dagDeployment, properties: $properties) {
    id label description releaseName namespace executor mode runtimeVersion desiredRuntimeVersion airflowVersion
    desiredAirflowVersion properties upsertedEnvironmentVariables { key value isSecret } workspace { id }
  }
}`;

const plain = (key: string, value: string) => ({ key, value, isSecret: false });

/** A Deployment created by upsert, with a plain and a secret variable. */
async function made() {
  const home = await build.workspace();
  const environmentVariables = [plain("PLAIN", "one"), { key: "HIDDEN", value: "top secret", isSecret: true }];
  const { data, errors } = await as(home.editor).send(UPSERT, {
    workspaceUuid: home.workspace.id,
    label: "Blue",
    description: "Old",
    runtimeVersion: "7.2.0",
    mode: "operator",
    image: "registry.example.com/blue:1",
    dockerconfigjson: { auths: { "registry.example.com": { auth: "c2VjcmV0" } } },
    properties: { colour: "blue" },
    environmentVariables,
  });
  expect(errors).toBeUndefined();
  return { ...home, answer: data.upsertDeployment };
}

const rowOf = (id: string) => db.deployment.findUniqueOrThrow({ where: { id } });

describe("upsertDeployment", () => {
  it("creates a Deployment with image, credentials and variables", async () => {
    const { answer, editor, workspace } = await made();
    expect(answer).toMatchObject({
      label: "Blue",
      mode: "operator",
      runtimeVersion: "7.2.0",
      airflowVersion: null,
      desiredRuntimeVersion: "7.2.0",
      upsertedEnvironmentVariables: [{ key: "HIDDEN", value: "", isSecret: true }, plain("PLAIN", "one")],
      workspace: { id: workspace.id },
    });
    const row = await rowOf(answer.id);
    expect(row.image).toBe("registry.example.com/blue:1");
    const docker = app.services.secrets.open(
      row.dockerconfigjson ?? "",
      `Deployment:${row.releaseName}:dockerconfigjson`,
    );
    expect(JSON.parse(docker)).toEqual({ auths: { "registry.example.com": { auth: "c2VjcmV0" } } });
    expect(await db.roleBinding.findMany({ where: { deploymentId: row.id } })).toMatchObject([{ userId: editor.id }]);
    const audited = JSON.stringify(await db.auditEntry.findMany({ where: { entityId: row.id } }));
    for (const secret of ["top secret", "c2VjcmV0"]) expect(audited).not.toContain(secret);
  });

  it("changes only what is provided", async () => {
    const { answer, editor } = await made();
    const before = await rowOf(answer.id);
    const { data, errors } = await as(editor).send(UPSERT, {
      deploymentUuid: answer.id,
      workspaceUuid: "",
      clusterId: "",
      label: "",
      description: "",
      releaseName: "",
      namespace: "",
      runtimeVersion: "",
      workers: {},
      triggerer: {},
      dagDeployment: {},
      dockerconfigjson: {},
      executor: "LocalExecutor",
      desiredRuntimeVersion: "7.3.0",
      properties: { extra_au: 3 },
    });
    expect(errors).toBeUndefined();
    expect(data.upsertDeployment).toEqual({
      ...answer,
      executor: "LocalExecutor",
      desiredRuntimeVersion: "7.3.0",
      properties: { colour: "blue", extra_au: 3 },
    });
    expect(await rowOf(answer.id)).toMatchObject({
      label: "Blue",
      description: "Old",
      namespace: before.namespace,
      dockerconfigjson: before.dockerconfigjson,
      desiredAirflowVersion: "2.5.1",
    });
  });

  it("replaces all variables", async () => {
    const { answer, editor } = await made();
    const environmentVariables = [plain("NEW", "two"), { key: "HIDDEN", value: "", isSecret: true }];
    const { data } = await as(editor).send(UPSERT, { deploymentUuid: answer.id, environmentVariables });
    expect(data.upsertDeployment.upsertedEnvironmentVariables).toEqual([
      { key: "HIDDEN", value: "", isSecret: true },
      plain("NEW", "two"),
    ]);
    const emptied = await as(editor).send(UPSERT, { deploymentUuid: answer.id, environmentVariables: [] });
    expect(emptied.data.upsertDeployment.upsertedEnvironmentVariables).toEqual([]);
  });

  it("updates image and runtime version of a Deployment found by release name", async () => {
    const { answer, editor, outsider } = await made();
    const given = { releaseName: answer.releaseName, image: "registry.example.com/blue:2", runtimeVersion: "7.6.0" };
    expect((await as(outsider).send(UPSERT, given)).errors).toMatchObject([{ message: DENIED }]);
    const { data } = await as(editor).send(UPSERT, given);
    const moved = { runtimeVersion: "7.6.0", desiredRuntimeVersion: "7.6.0" };
    expect(data.upsertDeployment).toEqual({ ...answer, ...moved });
    const airflow = { airflowVersion: "2.5.3", desiredAirflowVersion: "2.5.3" };
    expect(await rowOf(answer.id)).toMatchObject({ image: "registry.example.com/blue:2", ...airflow });
  });

  it("counts each image as a deploy, including the first", async () => {
    const { answer, editor } = await made();
    await as(editor).send(UPSERT, { deploymentUuid: answer.id, image: "registry.example.com/blue:2" });
    await as(editor).send(UPSERT, { deploymentUuid: answer.id, description: "No image" });
    expect(await rowOf(answer.id)).toMatchObject({ deployCount: 2 });
    const revisions = await db.deployRevision.findMany({
      where: { deploymentId: answer.id },
      orderBy: { createdAt: "asc" },
    });
    expect(revisions.map(({ tag }) => tag)).toEqual(["1", "2"]);
  });

  it("schedules an upgrade for a version without an image", async () => {
    const { answer, editor } = await made();
    const { data } = await as(editor).send(UPSERT, { deploymentUuid: answer.id, runtimeVersion: "7.6.0" });
    expect(data.upsertDeployment).toEqual({ ...answer, desiredRuntimeVersion: "7.6.0" });
    expect(await rowOf(answer.id)).toMatchObject({ desiredAirflowVersion: "2.5.3" });
  });

  it("deploys one version and schedules a later one in one request", async () => {
    const { answer, editor } = await made();
    const given = { deploymentUuid: answer.id, image: "registry.example.com/blue:2" };
    const versions = { runtimeVersion: "7.3.0", desiredRuntimeVersion: "8.1.0" };
    const { data } = await as(editor).send(UPSERT, { ...given, ...versions });
    expect(data.upsertDeployment).toMatchObject(versions);
  });

  it("denies viewers, outsiders and anonymous callers", async () => {
    const { answer, viewer, outsider, workspace } = await made();
    for (const someone of [viewer, outsider, undefined]) {
      for (const given of [{ workspaceUuid: workspace.id }, { deploymentUuid: answer.id }]) {
        const { errors } = await as(someone).send(UPSERT, { ...given, label: "Taken over" });
        expect(errors).toMatchObject([{ message: DENIED }]);
      }
    }
    expect(await db.deployment.count({ where: { label: "Taken over" } })).toBe(0);
  });

  it.each([
    [{ deploymentUuid: "" }, "workspaceUuid"],
    [{ deploymentUuid: "", workspaceUuid: "here" }, "label: must be a string of 1 to 80 characters"],
    [{ namespace: "elsewhere" }, "namespace: must be the namespace of the Deployment, which cannot be changed"],
    [
      { deploymentUuid: "", workspaceUuid: "here", label: "Blue", clusterId: "elsewhere" },
      "clusterId: must be the cluster of the Deployment, which cannot be changed",
    ],
    [
      { deploymentUuid: "", workspaceUuid: "here", label: "Blue", releaseName: "other-release-1234" },
      "releaseName: must be omitted: deployments.manualReleaseNames is false",
    ],
    [{ releaseName: "other-release-1234" }, "releaseName: must be the release name of the Deployment"],
    [{ airflowVersion: "2.9.3" }, "airflowVersion: the Deployment runs Runtime 7.2.0; use runtimeVersion instead"],
    [{ desiredRuntimeVersion: "1.0.0" }, "desiredRuntimeVersion: unknown version 1.0.0"],
    [{ runtimeVersion: "7.1.0" }, "runtimeVersion: 7.1.0 is earlier than 7.2.0, which the Deployment runs"],
    [{ image: "blue:2", runtimeVersion: "7.1.0" }, "runtimeVersion: 7.1.0 is earlier than 7.2.0"],
    [{ desiredRuntimeVersion: "7.1.0" }, "desiredRuntimeVersion: 7.1.0 is earlier than 7.2.0"],
    [
      { image: "blue:2", runtimeVersion: "8.1.0", desiredRuntimeVersion: "7.6.0" },
      "desiredRuntimeVersion: 7.6.0 is earlier than 8.1.0",
    ],
    [{ image: "two words" }, "image: must be an image name"],
    [{ dockerconfigjson: "{" }, "dockerconfigjson: must be the object"],
    [{ dockerconfigjson: 7 }, "dockerconfigjson: must be the object"],
    [
      { environmentVariables: [{ key: "HIDDEN", value: "" }] },
      "environmentVariables.0.value: is required: a stored secret",
    ],
    [{ label: "Green", environmentVariables: [null] }, "environmentVariables.0: must be an object"],
    [{ type: "spark" }, "type: must be airflow"],
  ])("rejects %j", async (given, message) => {
    const { answer, admin, workspace } = await made();
    const before = await rowOf(answer.id);
    const home = "workspaceUuid" in given ? { workspaceUuid: workspace.id } : {};
    const { errors } = await as(admin).send(UPSERT, { deploymentUuid: answer.id, ...given, ...home });
    expect(errors).toMatchObject([{ message: expect.stringContaining(message) }]);
    expect(await rowOf(answer.id)).toEqual(before);
    expect(await db.deployment.count({ where: { workspaceId: workspace.id } })).toBe(1);
  });
});

describe("upsertDeployment when disabled", () => {
  it("is rejected with the name of the setting", async () => {
    const off = await testHouston();
    const { workspace, editor } = await off.build.workspace();
    const { errors } = await off.as(editor).send(UPSERT, { workspaceUuid: workspace.id, label: "Blue" });
    expect(errors).toMatchObject([
      {
        message: "upsertDeployment: deployments.upsertDeploymentEnabled is false on this platform",
        extensions: { code: "FEATURE_DISABLED" },
      },
    ]);
    expect(await off.db.deployment.count()).toBe(0);
  });

  it("only updates the image on platforms from 2.1.0 on", async () => {
    const later = await testHouston({ helm: { releaseVersion: "2.1.0" } });
    const { deployment, editor, viewer } = await later.build.deployment({
      description: "Old",
      cloudRole: "role",
      config: { executor: "CeleryExecutor", workers: { replicas: 3 } },
      environmentVariables: { create: { key: "PLAIN", value: "one" } },
      runtimeVersion: "7.2.0",
      airflowVersion: "2.5.1",
      desiredRuntimeVersion: "7.2.0",
      desiredAirflowVersion: "2.5.1",
    });
    const { releaseName } = deployment;
    const IMAGE = `mutation ($releaseName: String, $image: String, $runtimeVersion: String) {
      upsertDeployment(releaseName: $releaseName, image: $image, runtimeVersion: $runtimeVersion) {
        upsertedEnvironmentVariables { key } deployInfo { nextCli }
      }
    }`;
    const given = { releaseName, image: "registry.example.com/blue:deploy-1", runtimeVersion: "7.2.0" };
    expect((await later.as(viewer).send(IMAGE, given)).errors).toMatchObject([{ message: DENIED }]);
    const { data, errors } = await later.as(editor).send(IMAGE, given);
    expect(errors).toBeUndefined();
    const answer = { upsertedEnvironmentVariables: [{ key: "PLAIN" }], deployInfo: { nextCli: "deploy-2" } };
    expect(data.upsertDeployment).toEqual(answer);
    const { updatedAt: _, ...row } = await later.db.deployment.findUniqueOrThrow({ where: { id: deployment.id } });
    const { updatedAt: __, ...before } = deployment;
    expect(row).toEqual({ ...before, image: given.image, deployCount: 1, updatedBy: `user:${editor.id}` });
    const again = await later.as(editor).send(IMAGE, { ...given, releaseName: "other-release-1234" });
    expect(again.errors).toMatchObject([{ message: DENIED }]);
    expect(await later.db.deployment.count()).toBe(1);
  });

  it("configures the DAG processor where the platform has one", async () => {
    const component = { name: "dagProcessor" as const, au: { default: 5, limit: 24 } };
    const later = await testHouston({
      helm: { releaseVersion: "1.0.0" },
      deployments: { components: [{ ...component, replicas: { minimum: 0, default: 0, limit: 3 } }] },
    });
    const { workspace, editor } = await later.build.workspace();
    const DAGS = `mutation ($workspaceUuid: Uuid, $deploymentUuid: Uuid, $label: String, $dagProcessor: DagProcessor) {
      upsertDeployment(workspaceUuid: $workspaceUuid, deploymentUuid: $deploymentUuid, label: $label,
        dagProcessor: $dagProcessor) { id config }
    }`;
    const created = await later.as(editor).send(DAGS, { workspaceUuid: workspace.id, label: "Blue" });
    const { id, config } = created.data.upsertDeployment;
    expect(config.dagProcessor.replicas).toBe(0);
    const given = { deploymentUuid: id, dagProcessor: { replicas: 2, resources: { limits: { cpu: 700 } } } };
    const { data } = await later.as(editor).send(DAGS, given);
    expect(data.upsertDeployment.config.dagProcessor).toMatchObject({
      replicas: 2,
      resources: { limits: { cpu: 700 } },
    });
    const over = await later.as(editor).send(DAGS, { ...given, dagProcessor: { replicas: 4 } });
    expect(over.errors).toMatchObject([{ message: "dagProcessor.replicas: must be from 0 to 3" }]);
  });

  it("works on platforms from 1.0.0 on", async () => {
    const later = await testHouston({ helm: { releaseVersion: "1.0.0" } });
    const { workspace, editor } = await later.build.workspace();
    const { data } = await later.as(editor).send(UPSERT, { workspaceUuid: workspace.id, label: "Blue" });
    expect(data.upsertDeployment.label).toBe("Blue");
  });
});

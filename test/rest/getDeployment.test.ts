import { describe, expect, it } from "vitest";
import { Deployment } from "../../src/api/rest/deployments/schemas.ts";
import type { Prisma } from "../../src/generated/prisma/client.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { createRest } from "../support/restCalls.ts";
import { deploymentCalls } from "./deploymentCalls.ts";
import { HOME } from "./secondOrganization.ts";

const { build, db, url, as } = await testHouston({
  helm: { baseDomain: "houston.example.com" },
  deployments: { dagOnlyDeployment: true, configureDagDeployment: true },
});
const rest = deploymentCalls(url);
const { workspace, admin } = await build.workspace();

const CREATE = `mutation ($workspaceUuid: Uuid!, $label: String!, $role: String) {
  createDeployment(workspaceUuid: $workspaceUuid, type: "airflow", label: $label, cloudRole: $role) {
    id releaseName urls { type url } airflowVersion runtimeVersion
  }
}`;

let labels = 0;

/** Creates a Deployment over GraphQL. */
async function created(variables: Record<string, unknown> = {}) {
  const label = `GraphQL ${labels++}`;
  const { data, errors } = await as(admin).send(CREATE, { workspaceUuid: workspace.id, label, ...variables });
  expect(errors).toBeUndefined();
  return data.createDeployment;
}

/** A Deployment as the API shows it; everything must be in the schema. */
async function shown(id: string) {
  const { status, body } = await rest(admin).get(`/${id}`);
  expect(status).toBe(200);
  expect(Deployment.parse(body)).toEqual(body);
  return body;
}

/** The default cluster as the API shows it. */
async function shownCluster() {
  const { body } = await createRest(url)(admin).get(`${HOME}/clusters/cldefault0000000000000000`);
  return body;
}

const stored = async (data: Partial<Prisma.DeploymentUncheckedCreateInput>) => {
  const { deployment } = await build.deployment({ workspaceId: workspace.id, ...data });
  return shown(deployment.id);
};
const config = (component: string, settings: object) => ({ executor: "CeleryExecutor", [component]: settings });
const limits = (cpu: number, memory: number) => ({ resources: { limits: { cpu, memory } } });

describe("getDeployment", () => {
  it("shows a Deployment that was created over GraphQL", async () => {
    const { id, releaseName, urls, airflowVersion, runtimeVersion } = await created({
      role: "arn:aws:iam::1:role/blue",
    });
    const url = urls.find(({ type }: { type: string }) => type === "airflow").url;
    const body = await shown(id);
    expect(body).toMatchObject({
      ...{ id, name: `GraphQL ${labels - 1}`, namespace: releaseName, description: "" },
      ...{ organizationId: workspace.organizationId, workspaceId: workspace.id, workspaceName: workspace.label },
      ...{ clusterId: "cldefault0000000000000000", clusterName: "default", type: "STANDARD", cloudProvider: "AWS" },
      region: (await shownCluster()).region,
      ...{ status: "UNKNOWN", executor: "CELERY", isCicdEnforced: false, isDagDeployEnabled: false },
      ...{ airflowVersion: airflowVersion ?? body.airflowVersion, runtimeVersion: runtimeVersion ?? "" },
      ...{ imageRepository: `registry.houston.example.com/${releaseName}/airflow`, imageTag: "" },
      ...{ schedulerAu: 5, schedulerCpu: "0.5", schedulerMemory: "1920Mi", schedulerReplicas: 1 },
      ...{ webServerCpu: "0.5", webServerMemory: "1920Mi", webServerReplicas: 1 },
      ...{ webServerUrl: url, uiUrl: url, webServerIngressHostname: "deployments.houston.example.com" },
      ...{ workloadIdentity: "arn:aws:iam::1:role/blue", contactEmails: [], externalIPs: [], workerQueues: [] },
      environmentVariables: [],
    });
    expect(url).toBe(`https://deployments.houston.example.com/${releaseName}/airflow`);
    expect(body.astroRuntimeVersion).toBe(body.runtimeVersion);
    for (const absent of ["statusReason", "schedulerSize", "scalingSpec", "scalingStatus", "remoteExecution"]) {
      expect(body).not.toHaveProperty(absent);
    }
  });

  it.each([
    ["CeleryExecutor", {}, "CELERY"],
    ["CeleryExecutor", { executor: "ASTRO" }, "ASTRO"],
    ["KubernetesExecutor", {}, "KUBERNETES"],
    ["KubernetesExecutor", { executor: "ASTRO" }, "KUBERNETES"],
    ["LocalExecutor", {}, undefined],
  ] as const)("shows %s with %j as %s", async (executor, platformApi, expected) => {
    expect((await stored({ executor, platformApi })).executor).toBe(expected);
  });

  it.each([
    [500, 1920, "0.5", "1920Mi", 5],
    [1000, 2048, "1", "2Gi", undefined],
    [2400, 9216, "2.4", "9Gi", 24],
    [150, 576, "0.15", "576Mi", undefined],
    [1, 1, "0.001", "1Mi", undefined],
    [100, 768, "0.1", "768Mi", undefined],
    [32_000, 131_072, "32", "128Gi", undefined],
  ])("shows %i thousandths of a core and %i MiB as quantities", async (cpu, memory, cores, quantity, au) => {
    const scheduler = await stored({ config: config("scheduler", { ...limits(cpu, memory), replicas: 2 }) });
    expect(scheduler).toMatchObject({ schedulerCpu: cores, schedulerMemory: quantity, schedulerReplicas: 2 });
    expect(scheduler.schedulerAu).toBe(au);
    const webserver = await stored({ config: config("webserver", limits(cpu, memory)) });
    expect(webserver).toMatchObject({ webServerCpu: cores, webServerMemory: quantity, webServerReplicas: 1 });
  });

  it.each([
    ["quay.io/team/blue:deploy-3", "quay.io/team/blue", "deploy-3"],
    ["registry:5000/team/blue:3.1", "registry:5000/team/blue", "3.1"],
    ["registry:5000/blue", "registry:5000/blue", ""],
    ["blue:3.1", "blue", "3.1"],
    ["blue", "blue", ""],
    ["quay.io/blue@sha256:abc", "quay.io/blue", ""],
    ["quay.io/blue:3.1@sha256:abc", "quay.io/blue", "3.1"],
  ])("shows the repository and the tag of the image %s", async (image, imageRepository, imageTag) => {
    expect(await stored({ image })).toMatchObject({ imageRepository, imageTag });
  });

  it.each([
    [null, "/api/v1", ""],
    ["2.11.0", "/api/v1", "2.11.0"],
    ["3.1.0", "/api/v2", "3.1.0"],
    ["10.0.0", "/api/v2", "10.0.0"],
  ])("has the Airflow API of version %s at %s", async (airflowVersion, path, version) => {
    const body = await stored({ airflowVersion });
    expect(body.airflowVersion).toBe(version);
    expect(body.apiUrl).toBe(`${body.webServerUrl}${path}`);
    expect(body.webServerAirflowApiUrl).toBe(body.apiUrl);
  });

  it("shows both versions with Runtime", async () => {
    const body = await stored({ airflowVersion: "2.10.5", runtimeVersion: "12.7.1" });
    expect(body).toMatchObject({
      airflowVersion: "2.10.5",
      runtimeVersion: "12.7.1",
      astroRuntimeVersion: "12.7.1",
    });
  });

  it("shows the reason for a cordon", async () => {
    expect((await stored({ isCordoned: true, cordonReason: "Moving" })).statusReason).toBe("Moving");
    expect((await stored({ isCordoned: true })).statusReason).toBe("cordoned");
  });

  it.each(["DEPLOYING", "HEALTHY", "UNHEALTHY", "UNKNOWN"] as const)("shows the status %s", async (status) => {
    expect((await stored({ status })).status).toBe(status);
  });

  it("has type, provider, region and domain of its cluster, unless it has its own", async () => {
    const cluster = (name: string, platformApi: object) =>
      db.cluster.create({ data: { name, baseDomain: `${name}.example.org:8443`, cloudProvider: "GCP", platformApi } });
    const described = await cluster("described", { type: "DEDICATED", region: "europe-west1" });
    const plain = await cluster("plain", {});
    const onDescribed = await stored({ clusterId: described.id });
    expect(onDescribed).toMatchObject({ type: "DEDICATED", cloudProvider: "GCP", region: "europe-west1" });
    expect(onDescribed.clusterName).toBe("described");
    expect(onDescribed.webServerIngressHostname).toBe("deployments.described.example.org");
    const { urls } = (
      await as(admin).send("query ($id: String!) { deployment(where: {id: $id}) { urls { url } } }", {
        id: onDescribed.id,
      })
    ).data.deployment;
    expect(onDescribed.webServerUrl).toBe(urls[0].url);
    expect(await stored({ clusterId: plain.id })).toMatchObject({ type: "HYBRID", cloudProvider: "GCP" });
    const own = { type: "STANDARD", cloudProvider: "AZURE", region: "westeurope" };
    expect(await stored({ clusterId: described.id, platformApi: own })).toMatchObject(own);
  });

  it("shows what only this API stores", async () => {
    const platformApi = {
      ...{ schedulerSize: "EXTRA_LARGE", isHighAvailability: true, isDevelopmentMode: false, isCicdEnforced: true },
      ...{ defaultTaskPodCpu: "0.5", defaultTaskPodMemory: "1Gi", resourceQuotaCpu: "10", resourceQuotaMemory: "20Gi" },
      ...{ taskPodNodePoolId: "pool", drWorkloadIdentity: 'quoted "role"' },
    };
    expect(await stored({ platformApi })).toMatchObject(platformApi);
  });

  it("completes the settings of remote execution", async () => {
    const body = await stored({ platformApi: { remoteExecution: { enabled: true, taskLogBucket: "s3://logs" } } });
    expect(body.remoteExecution).toEqual({
      ...{ enabled: true, taskLogBucket: "s3://logs", allowedIpAddressRanges: [] },
      remoteApiUrl: body.webServerUrl.replace(/airflow$/, "remote-api"),
    });
  });

  it("says whether the override of a hibernation is still active", async () => {
    const schedules = [{ hibernateAtCron: "0 22 * * *", wakeAtCron: "0 6 * * *", isEnabled: true }];
    const spec = (year: number) => ({
      scalingSpec: {
        hibernationSpec: { schedules, override: { isHibernating: true, overrideUntil: `${year}-01-01T00:00:00Z` } },
      },
    });
    for (const [year, isActive] of [
      [2020, false],
      [2099, true],
    ] as const) {
      const { scalingSpec, scalingStatus } = await stored({ platformApi: spec(year) });
      expect(scalingSpec.hibernationSpec.schedules).toEqual(schedules);
      expect(scalingSpec.hibernationSpec.override.isActive).toBe(isActive);
      expect(scalingStatus).toEqual({ hibernationStatus: { isHibernating: false } });
    }
    const plain = await stored({ platformApi: { scalingSpec: { hibernationSpec: { schedules } } } });
    expect(plain.scalingSpec).toEqual({ hibernationSpec: { schedules } });
  });

  it("shows variables by key, and no value of a secret", async () => {
    const { id } = await created();
    await db.environmentVariable.createMany({
      data: [
        { deploymentId: id, key: "TOKEN", value: "secret", isSecret: true },
        { deploymentId: id, key: "COLOR", value: 'light "blue"' },
      ],
    });
    const updatedAt = expect.any(String);
    expect((await shown(id)).environmentVariables).toEqual([
      { key: "COLOR", value: 'light "blue"', isSecret: false, updatedAt },
      { key: "TOKEN", isSecret: true, updatedAt },
    ]);
  });

  it("shows worker queues, the default one first, with the size of their workers", async () => {
    const { deployment } = await build.deployment({
      workspaceId: workspace.id,
      config: config("workers", limits(1500, 3072)),
    });
    const counts = { minWorkerCount: 0, maxWorkerCount: 7, workerConcurrency: 5 };
    const deploymentId = deployment.id;
    await db.workerQueue.createMany({
      data: [
        { deploymentId, ...counts, name: "big", astroMachine: "A20" },
        { deploymentId, ...counts, name: "default", isDefault: true, astroMachine: "A5" },
        { deploymentId, ...counts, name: "pool", nodePoolId: "np" },
      ],
    });
    const id = expect.any(String);
    expect((await shown(deploymentId)).workerQueues).toEqual([
      { id, name: "default", isDefault: true, ...counts, astroMachine: "A5", podCpu: "1", podMemory: "2Gi" },
      { id, name: "big", isDefault: false, ...counts, astroMachine: "A20", podCpu: "4", podMemory: "8Gi" },
      { id, name: "pool", isDefault: false, ...counts, nodePoolId: "np", podCpu: "1.5", podMemory: "3Gi" },
    ]);
  });

  it("shows alert addresses as contacts, and that DAGs are deployed alone", async () => {
    const alertEmails = ["one@example.com", "two@example.com"];
    const body = await stored({ alertEmails, dagDeployment: { type: "dag_deploy" } });
    expect(body).toMatchObject({ contactEmails: alertEmails, isDagDeployEnabled: true });
  });

  it("is one statement", async () => {
    const { id } = await created();
    await shown(id);
    const { statements } = await countStatements(() => shown(id));
    expect(statements).toHaveLength(1);
  });
});

describe("URLs with a port", async () => {
  const own = await testHouston({
    helm: { baseDomain: "houston.example.com" },
    webserver: { publicUrl: "http://houston.example.com:8080" },
    registry: { protectedCustomRegistry: { updateRegistry: { enabled: true, host: "quay.io/team" } } },
  });

  it("have it as in GraphQL, and images go to the registry of the platform", async () => {
    const { deployment, admin: owner } = await own.build.deployment();
    const { body } = await deploymentCalls(own.url)(owner).get(`/${deployment.id}`);
    const query = "query ($id: String!) { deployment(where: {id: $id}) { urls { url } } }";
    const { data } = await own.as(owner).send(query, { id: deployment.id });
    expect(body.webServerUrl).toBe(data.deployment.urls[0].url);
    expect(body.webServerUrl).toContain("http://deployments.houston.example.com:8080/");
    expect(body.imageRepository).toBe("quay.io/team");
  });
});

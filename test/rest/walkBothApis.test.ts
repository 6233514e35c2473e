import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { contractClient } from "./contractClient.ts";
import { DEFAULT_CLUSTER } from "./deploymentNames.ts";
import { type Body, clusters, deployments, queue } from "./walkResources.ts";

const { as, build, url } = await testHouston({
  deployments: { dagOnlyDeployment: true, hardDeleteDeployment: true },
});

const admin = await build.systemAdmin();
const other = await build.systemAdmin();
const rest = await contractClient(url, admin);

/** Sends a document as another person than the one who uses REST, and returns its only root field. */
async function graphql(document: string, variables: Body = {}) {
  const { data, errors } = await as(other).send(document, variables);
  expect(errors?.map(({ message }) => message)).toBeUndefined();
  const [value] = Object.values(data);
  // biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
  return value as any;
}

const WORKSPACE = `query ($id: Uuid!) { workspace(workspaceUuid: $id) { id label description } }`;
const CLUSTER = `query ($id: Uuid!) { cluster(id: $id) { id name status } }`;
const DEPLOYMENT = `query ($id: String!) { deployment(where: { id: $id }) {
  id label description releaseName namespace executor alertEmails runtimeVersion config workspace { id }
  dagDeployment { type } environmentVariables { key value isSecret } } }`;

describe("what REST creates", () => {
  it("shows in GraphQL, shows what GraphQL changes there, and is gone there once it is deleted", async () => {
    const workspace = await rest("createWorkspace", {}, { body: { name: "Of REST", description: "Made" } });
    const { AWS } = clusters(workspace.id);
    const cluster = await rest("createCluster", {}, { body: { ...AWS.created, name: "of REST" } });
    const place = { workspaceId: workspace.id, dedicated: "none", hybrid: cluster.id };
    const { HYBRID } = deployments({ ...place, nodePoolId: cluster.nodePools[0].id });
    const deployment = await rest("createDeployment", {}, { body: HYBRID.created });
    const { id, namespace, name } = deployment;

    const shown = { id: workspace.id, label: "Of REST", description: "Made" };
    expect(await graphql(WORKSPACE, { id: workspace.id })).toEqual(shown);
    expect(await graphql(CLUSTER, { id: cluster.id })).toEqual({ id: cluster.id, name: "of REST", status: "ACTIVE" });
    expect(await graphql(DEPLOYMENT, { id })).toMatchObject({
      ...{ id, label: name, description: "For reports", releaseName: namespace, executor: "CeleryExecutor" },
      ...{ runtimeVersion: deployment.astroRuntimeVersion, workspace: { id: workspace.id } },
      ...{ alertEmails: deployment.contactEmails, dagDeployment: { type: "dag_deploy" } },
      config: { scheduler: { replicas: 2, resources: { limits: { cpu: 1000, memory: 3840 } } } },
      environmentVariables: expect.arrayContaining([
        { key: "COLOR", value: "blue", isSecret: false },
        { key: "PASSWORD", value: "", isSecret: true },
      ]),
    });
    const list = `query ($id: Uuid!) { workspaceDeployments(workspaceUuid: $id) { id } }`;
    expect(await graphql(list, { id: workspace.id })).toEqual([{ id }]);

    const payload = { label: "Renamed", description: "Changed" };
    await graphql(
      `mutation ($id: Uuid!, $payload: JSON!) { updateWorkspace(workspaceUuid: $id, payload: $payload) { id } }`,
      { id: workspace.id, payload },
    );
    await graphql(`mutation ($id: Uuid!) { updateCluster(id: $id, name: "renamed") { id } }`, { id: cluster.id });
    await graphql(
      `mutation ($id: Uuid!, $payload: JSON!) { updateDeployment(
        deploymentUuid: $id, payload: $payload, executor: KubernetesExecutor, cloudRole: "third role"
        scheduler: { replicas: 1, resources: { limits: { cpu: 500, memory: 1920 } } }) { id } }`,
      { id, payload: { ...payload, alertEmails: ["new@example.com"] } },
    );
    const by = { createdBy: { id: admin.id }, updatedBy: { id: other.id } };
    expect(await rest("getWorkspace", { workspaceId: workspace.id })).toMatchObject({
      ...{ name: "Renamed", description: "Changed", ...by },
    });
    const { name: _name, updatedAt: _time, ...kept } = cluster;
    expect(await rest("getCluster", { clusterId: cluster.id })).toMatchObject({ ...kept, name: "renamed" });
    expect(await rest("getDeployment", { deploymentId: id })).toMatchObject({
      ...{ name: "Renamed", description: "Changed", workspaceName: "Renamed", clusterName: "renamed", ...by },
      ...{ executor: "KUBERNETES", workerQueues: [], schedulerAu: 5, schedulerReplicas: 1 },
      ...{ contactEmails: ["new@example.com"], workloadIdentity: "third role" },
      ...{ isCicdEnforced: true, drWorkloadIdentity: "other role", type: "HYBRID" },
    });

    await rest("deleteDeployment", { deploymentId: id });
    await rest("deleteCluster", { clusterId: cluster.id });
    await rest("deleteWorkspace", { workspaceId: workspace.id });
    for (const [document, one] of [
      [WORKSPACE, workspace.id],
      [CLUSTER, cluster.id],
      [DEPLOYMENT, id],
    ] as const) {
      const { data } = await as(other).send(document, { id: one });
      expect(Object.values(data ?? { none: null })).toEqual([null]);
    }
  });
});

describe("what GraphQL creates", () => {
  it("is listed over REST, shows what REST changes there, and is 404 once GraphQL deleted it", async () => {
    const workspace = await graphql(`mutation { createWorkspace(label: "Of GraphQL", description: "Made") { id } }`);
    const workspaceId: string = workspace.id;
    const cluster = await graphql(
      `mutation { registerCluster(name: "of GraphQL", metadataUrl: "https://data.example.com/m") { id } }`,
    );
    const deployment = await graphql(
      `mutation ($id: Uuid!) { createDeployment(workspaceUuid: $id, label: "Of GraphQL", description: "Made"
        runtimeVersion: "13.11.0", executor: CeleryExecutor, cloudRole: "role") { id releaseName } }`,
      { id: workspaceId },
    );
    const author = { id: other.id };
    expect((await rest("listWorkspaces", { names: ["Of GraphQL"] })).workspaces).toMatchObject([
      { id: workspaceId, description: "Made", cicdEnforcedDefault: false, createdBy: author, updatedBy: author },
    ]);
    expect((await rest("listClusters", { names: ["of GraphQL"] })).clusters).toMatchObject([
      { id: cluster.id, type: "HYBRID", status: "CREATED", nodePools: [], tags: [] },
    ]);
    expect((await rest("listDeployments", { workspaceIds: [workspaceId] })).deployments).toMatchObject([
      {
        ...{ id: deployment.id, name: "Of GraphQL", description: "Made", namespace: deployment.releaseName },
        ...{ executor: "CELERY", workloadIdentity: "role", clusterId: DEFAULT_CLUSTER, isCicdEnforced: false },
        ...{ createdBy: author, updatedBy: author },
      },
    ]);

    const rename = { name: "By REST", description: "Changed", cicdEnforcedDefault: true };
    await rest("updateWorkspace", { workspaceId }, { body: rename });
    const update = { name: "by REST", k8sTags: [], nodePools: [] };
    await rest("updateCluster", { clusterId: cluster.id }, { body: update });
    const place = { workspaceId, dedicated: "none", hybrid: DEFAULT_CLUSTER, nodePoolId: "none" };
    const queues = [queue("default", { astroMachine: "A5" })];
    const body = { ...deployments(place).STANDARD.updated, name: "By REST", workerQueues: queues };
    const environmentVariables = [{ key: "SECRET", value: "s3cret", isSecret: true }];
    const changed = await rest(
      "updateDeployment",
      { deploymentId: deployment.id },
      { body: { ...body, environmentVariables } },
    );
    expect(changed).toMatchObject({ createdBy: author, updatedBy: { id: admin.id }, workerQueues: queues });
    const shown = { id: workspaceId, label: "By REST", description: "Changed" };
    expect(await graphql(WORKSPACE, { id: workspaceId })).toEqual(shown);
    expect(await graphql(CLUSTER, { id: cluster.id })).toEqual({ id: cluster.id, name: "by REST", status: "ACTIVE" });
    expect(await graphql(DEPLOYMENT, { id: deployment.id })).toMatchObject({
      ...{ label: "By REST", description: "", executor: "CeleryExecutor", alertEmails: [] },
      environmentVariables: [{ key: "SECRET", value: "", isSecret: true }],
      config: { scheduler: { replicas: 1, resources: { limits: { cpu: 1000, memory: 2048 } } } },
    });

    const hard = `mutation ($id: Uuid!) { deleteDeployment(deploymentUuid: $id, deploymentHardDelete: true) { id } }`;
    await graphql(hard, { id: deployment.id });
    await graphql(`mutation ($id: Uuid!) { deregisterCluster(id: $id) { id } }`, { id: cluster.id });
    await graphql(`mutation ($id: Uuid!) { deleteWorkspace(workspaceUuid: $id) { id } }`, { id: workspaceId });
    for (const [noun, at] of Object.entries({
      Deployment: { deploymentId: deployment.id },
      Cluster: { clusterId: cluster.id },
      Workspace: { workspaceId },
    })) {
      await rest(`get${noun}`, at, { status: 404 });
      await rest(`delete${noun}`, at, { status: 404 });
    }
    expect(await rest("listDeployments", { deploymentIds: [deployment.id] })).toMatchObject({ totalCount: 0 });
  });
});

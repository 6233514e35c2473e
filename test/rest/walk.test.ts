import { describe, expect, it } from "vitest";
import contract from "../contract/platform-v1beta1.json" with { type: "json" };
import type { Someone } from "../support/as.ts";
import { testHouston } from "../support/houston.ts";
import { type ContractClient, contractClient } from "./contractClient.ts";
import { type Body, clusters, deployments, queue, type Resource, workspaceResource } from "./walkResources.ts";

const { build, url } = await testHouston({ deployments: { dagOnlyDeployment: true } });

const admin = await build.systemAdmin();
const ci = await build.serviceAccount({ role: "SYSTEM_ADMIN", label: "Terraform" });

const clientOf = (someone: Someone) => contractClient(url, someone);

/** What is answered under another name than it is sent. */
const answeredAs: Record<string, string> = { k8sTags: "tags", clusterType: "type", enableDr: "isDrEnabled" };

/**
 * How what was read differs from what was sent, field by field: a plan that has this is not empty. Fields that were not
 * sent are the platform's; lists of objects have the identity of their `name` or `key`.
 */
function drift(sent: unknown, read: unknown, path = ""): string[] {
  if (Array.isArray(sent)) {
    const list = Array.isArray(read) ? read : [];
    const lengths = list.length === sent.length ? [] : [`${path}: ${list.length} elements instead of ${sent.length}`];
    const keyOf = (one: Body) => one?.key ?? one?.name;
    return [
      ...lengths,
      ...sent.flatMap((one, n) => {
        const same = keyOf(one) === undefined ? list[n] : list.find((other) => keyOf(other) === keyOf(one));
        return drift(one, same, `${path}.${n}`);
      }),
    ];
  }
  if (typeof sent !== "object" || sent === null)
    return sent === read ? [] : [`${path}: ${JSON.stringify(read)} instead of ${JSON.stringify(sent)}`];
  const has = (read ?? {}) as Body;
  const { scheduler, ...others } = sent as Body & { scheduler?: { au: number; replicas: number } };
  if (scheduler)
    return drift({ ...others, schedulerAu: scheduler.au, schedulerReplicas: scheduler.replicas }, read, path);
  const isSecret = (sent as Body).isSecret === true;
  return Object.entries(sent).flatMap(([name, value]) =>
    // A secret can only be written.
    isSecret && name === "value" ? [] : drift(value, has[answeredAs[name] ?? name], `${path}.${name}`),
  );
}

/** Creates, reads, plans, updates, reads, plans, applies again, deletes, reads and deletes. */
async function manage(client: ContractClient, { noun, id: parameter, created, updated }: Resource) {
  const { id, ...made } = await client(`create${noun}`, {}, { body: created });
  const at = { [parameter]: id };
  expect(drift(created, made)).toEqual([]);
  const read = await client(`get${noun}`, at);
  expect(read).toEqual({ id, ...made });
  expect(drift(created, read)).toEqual([]);

  const changed = await client(`update${noun}`, at, { body: updated });
  expect(drift(updated, changed)).toEqual([]);
  const after = await client(`get${noun}`, at);
  expect(after).toEqual(changed);
  expect(drift(updated, after)).toEqual([]);
  // What an update cannot name stays as it was created.
  const kept = Object.entries(created).filter(([name]) => !(name in updated) && name !== "type");
  expect(drift(Object.fromEntries(kept), after)).toEqual([]);

  const { updatedAt: _before, ...again } = await client(`update${noun}`, at, { body: updated });
  const { updatedAt: _after, ...first } = after;
  expect(again).toEqual(first);

  await client(`delete${noun}`, at);
  const { message } = await client(`get${noun}`, at, { status: 404 });
  expect(message).toContain(parameter);
  await client(`delete${noun}`, at, { status: 404 });
}

it("what is sent below has every field of the contract", () => {
  const { schemas } = contract.components as unknown as { schemas: Record<string, { properties: Body }> };
  const place = { workspaceId: "w", dedicated: "d", hybrid: "h", nodePoolId: "n" };
  const [{ AWS, AZURE, GCP }, { DEDICATED, HYBRID, STANDARD }] = [clusters("w"), deployments(place)];
  const workspace = workspaceResource("Walk");
  // An alternative to the provider and the region.
  const standard = { ...STANDARD.created, clusterId: "c" };
  for (const [name, body] of Object.entries({
    ...{ CreateAwsClusterRequest: AWS.created, CreateAzureClusterRequest: AZURE.created },
    ...{ CreateGcpClusterRequest: GCP.created, UpdateClusterRequest: { ...GCP.updated, ...AWS.updated } },
    ...{ CreateWorkspaceRequest: workspace.created, UpdateWorkspaceRequest: workspace.updated },
    ...{ CreateDedicatedDeploymentRequest: DEDICATED.created, UpdateDedicatedDeploymentRequest: DEDICATED.updated },
    ...{ CreateHybridDeploymentRequest: HYBRID.created, UpdateHybridDeploymentRequest: HYBRID.updated },
    ...{ CreateStandardDeploymentRequest: standard, UpdateStandardDeploymentRequest: STANDARD.updated },
  }))
    expect(Object.keys(body).sort(), name).toEqual(Object.keys(schemas[name]?.properties ?? {}).sort());
});

describe.each([
  ["a user", admin],
  ["the service account of a CI system", ci],
])("with the token of %s", (_who, someone) => {
  it.each(["AWS", "AZURE", "GCP"] as const)("a cluster of %s is what was sent", async (provider) => {
    const client = await clientOf(someone);
    const { workspace } = await build.workspace();
    await manage(client, clusters(workspace.id)[provider]);
  });

  it("a Workspace is what was sent", async () => {
    await manage(await clientOf(someone), workspaceResource("Walk"));
  });

  it.each(["DEDICATED", "HYBRID", "STANDARD"] as const)("a Deployment of type %s is what was sent", async (type) => {
    const client = await clientOf(someone);
    const { workspace } = await build.workspace();
    const { AWS } = clusters(workspace.id);
    const on = (given: Body) => client("createCluster", {}, { body: { ...AWS.created, workspaceIds: [], ...given } });
    const hybrid = await on({ name: `hybrid for ${workspace.id}` });
    const dedicated = await on({ name: `dedicated for ${workspace.id}`, type: "DEDICATED" });
    const place = { workspaceId: workspace.id, dedicated: dedicated.id, hybrid: hybrid.id };
    await manage(client, deployments({ ...place, nodePoolId: hybrid.nodePools[1].id })[type]);
    for (const { id: clusterId } of [hybrid, dedicated]) await client("deleteCluster", { clusterId });
  });
});

/** Every sort of a list in the contract. */
const sortsOf = (path: keyof typeof contract.paths) => {
  const { parameters } = contract.paths[path].get as { parameters: { name: string; schema: { items?: Body } }[] };
  return parameters.find(({ name }) => name === "sorts")?.schema.items?.enum as string[];
};

describe("a generated client", () => {
  it("walks from a cluster to a Deployment with two queues, lists all with every sort and filter, and deletes all", async () => {
    const client = await clientOf(admin);
    const workspaces = [];
    for (const name of ["Walk B", "Walk A", "Walk C"])
      workspaces.push(await client("createWorkspace", {}, { body: { name } }));
    const [workspace, second] = workspaces;
    const own = [];
    for (const [provider, given] of Object.entries(clusters(workspace.id)))
      own.push(await client("createCluster", {}, { body: { ...given.created, name: `${provider} list` } }));
    const [hybrid, azure] = own;
    const place = { dedicated: azure.id, hybrid: hybrid.id, nodePoolId: hybrid.nodePools[0].id };
    const made = [];
    for (const { created } of Object.values(deployments({ ...place, workspaceId: workspace.id })))
      made.push(await client("createDeployment", {}, { body: { ...created, name: `${created.type} list` } }));
    expect(made[0].workerQueues).toHaveLength(2);
    // One that changed last, so that the sorts differ.
    const name = workspace.name;
    const body = { name, description: "Changed", cicdEnforcedDefault: false };
    workspaces[0] = await client("updateWorkspace", { workspaceId: workspace.id }, { body });

    for (const [key, operation, rows, path] of [
      ["clusters", "listClusters", own, "/organizations/{organizationId}/clusters"],
      ["workspaces", "listWorkspaces", workspaces, "/organizations/{organizationId}/workspaces"],
      ["deployments", "listDeployments", made, "/organizations/{organizationId}/deployments"],
    ] as const) {
      const names = rows.map((row: { name: string }) => row.name);
      expect(sortsOf(path)).toHaveLength(6);
      for (const sort of sortsOf(path)) {
        const [by = "", direction] = sort.split(":");
        const page = await client(operation, { names, sorts: [sort], offset: 0, limit: 1000 });
        const ordered = [...rows].sort((a, b) => (a[by] < b[by] ? -1 : 1) * (direction === "asc" ? 1 : -1));
        expect(page).toEqual({ [key]: ordered, totalCount: 3, offset: 0, limit: 1000 });
        const rest = await client(operation, { names, sorts: [sort], offset: 1, limit: 1 });
        expect(rest).toEqual({ [key]: ordered.slice(1, 2), totalCount: 3, offset: 1, limit: 1 });
      }
      expect(await client(operation, { names, limit: 0 })).toEqual({ [key]: [], totalCount: 3, offset: 0, limit: 0 });
      expect((await client(operation, { names: names.slice(2) }))[key]).toEqual(rows.slice(2));
    }
    const found = async (operation: string, key: string, filter: object) =>
      (await client(operation, filter))[key].map(({ id }: { id: string }) => id);
    expect(await found("listClusters", "clusters", { provider: "AZURE" })).toEqual([azure.id]);
    const workspaceIds = [workspace.id, second.id];
    expect(await found("listWorkspaces", "workspaces", { workspaceIds })).toEqual(workspaceIds);
    const all = made.map(({ id }) => id);
    expect(await found("listDeployments", "deployments", { workspaceIds })).toEqual(all);
    expect(await found("listDeployments", "deployments", { workspaceIds: [second.id] })).toEqual([]);
    expect(await found("listDeployments", "deployments", { deploymentIds: all.slice(1) })).toEqual(all.slice(1));

    await client("deleteCluster", { clusterId: azure.id }, { status: 412 });
    for (const deploymentId of all) await client("deleteDeployment", { deploymentId });
    for (const { id: clusterId } of own) await client("deleteCluster", { clusterId });
    for (const { id: workspaceId } of workspaces) await client("deleteWorkspace", { workspaceId });
    for (const [operation, filter] of [
      ["listClusters", { names: own.map((one) => one.name) }],
      ["listWorkspaces", { workspaceIds }],
      ["listDeployments", { deploymentIds: all }],
    ] as const)
      expect(await client(operation, filter)).toMatchObject({ totalCount: 0 });
  });

  it("chooses among the options, and gets what it chose", async () => {
    const client = await clientOf(admin);
    const { workspace } = await build.workspace();
    for (const provider of ["AWS", "AZURE", "GCP"]) {
      const [options, ...others] = await client("getClusterOptions", { type: "DEDICATED", provider });
      expect(others).toEqual([]);
      const body = {
        ...{ name: `${provider} chosen`, cloudProvider: provider, type: "DEDICATED" },
        ...{ region: options.regions.at(-1).name, dbInstanceType: options.databaseInstances.at(-1).name },
        vpcSubnetRange: options.defaultVpcSubnetRange,
        ...(provider === "GCP" && {
          podSubnetRange: options.defaultPodSubnetRange,
          serviceSubnetRange: options.defaultServiceSubnetRange,
          servicePeeringRange: options.defaultServicePeeringRange,
        }),
        nodePools: [
          { name: "all", nodeInstanceType: options.nodeInstances.at(-1).name, maxNodeCount: options.nodeCountMax },
        ],
      };
      const cluster = await client("createCluster", {}, { body });
      expect(drift(body, cluster)).toEqual([]);
      const chosen = { deploymentType: "DEDICATED", executor: "CELERY", cloudProvider: provider };
      const given = await client("getDeploymentOptions", chosen);
      const { defaultPodSize, resourceQuota } = given.resourceQuotas;
      const machine = given.workerMachines.at(-1);
      const { minWorkers, maxWorkers } = given.workerQueues;
      const deployment = {
        ...{ type: "DEDICATED", name: `on ${provider}`, workspaceId: workspace.id, clusterId: cluster.id },
        ...{ astroRuntimeVersion: given.runtimeReleases[0].version, executor: "CELERY" },
        ...{ isCicdEnforced: false, isDagDeployEnabled: false, isHighAvailability: false },
        schedulerSize: given.schedulerMachines.at(-1).name,
        ...{ defaultTaskPodCpu: defaultPodSize.cpu.floor, defaultTaskPodMemory: defaultPodSize.memory.floor },
        ...{ resourceQuotaCpu: resourceQuota.cpu.ceiling, resourceQuotaMemory: resourceQuota.memory.ceiling },
        workerQueues: [
          queue("default", {
            ...{ astroMachine: machine.name, workerConcurrency: machine.concurrency.ceiling },
            ...{ minWorkerCount: minWorkers.ceiling, maxWorkerCount: maxWorkers.ceiling },
          }),
        ],
      };
      const made = await client("createDeployment", {}, { body: deployment });
      expect(drift(deployment, made)).toEqual([]);
      expect(made).toMatchObject({ schedulerCpu: given.schedulerMachines.at(-1).spec.cpu });
      expect(made.workerQueues[0]).toMatchObject({ podCpu: machine.spec.cpu, podMemory: machine.spec.memory });
      expect(await client("getDeploymentOptions", { deploymentId: made.id })).toMatchObject({
        workerMachines: given.workerMachines,
      });
      await client("deleteDeployment", { deploymentId: made.id });
      await client("deleteCluster", { clusterId: cluster.id });
    }
  });

  it("does in a Workspace what the role of its service account allows there, and nothing else", async () => {
    const { workspace } = await build.workspace();
    const account = await build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId: workspace.id });
    const client = await clientOf(account);
    const { STANDARD, DEDICATED } = deployments({
      ...{ workspaceId: workspace.id, dedicated: "unused", hybrid: "unused", nodePoolId: "unused" },
    });
    const { id: deploymentId, createdBy } = await client("createDeployment", {}, { body: STANDARD.created });
    expect(createdBy).toEqual({ id: account.id, subjectType: "SERVICEKEY", apiTokenName: account.label });
    expect(await client("listDeployments")).toMatchObject({ totalCount: 1, deployments: [{ id: deploymentId }] });
    expect(await client("listWorkspaces")).toMatchObject({ totalCount: 1, workspaces: [{ id: workspace.id }] });
    const rename = { name: `${workspace.label} renamed`, description: "", cicdEnforcedDefault: false };
    await client("updateWorkspace", { workspaceId: workspace.id }, { body: rename });

    const elsewhere = await build.deployment();
    const { workspaceId } = elsewhere.deployment;
    await client("getDeployment", { deploymentId: elsewhere.deployment.id }, { status: 404 });
    await client("deleteDeployment", { deploymentId: elsewhere.deployment.id }, { status: 404 });
    await client("getWorkspace", { workspaceId }, { status: 404 });
    const there = { ...DEDICATED.created, workspaceId };
    await client("createDeployment", {}, { body: there, status: 403 });
    await client("createWorkspace", {}, { body: { name: "Another" }, status: 403 });
    await client("deleteWorkspace", { workspaceId: workspace.id }, { status: 403 });
    await client("createCluster", {}, { body: clusters(workspace.id).AWS.created, status: 403 });
  });
});

import { describe, expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { testHouston } from "../support/houston.ts";
import { bodyFor, createCalls } from "./clusterCalls.ts";

const { as, build, db, url } = await testHouston({ deployments: { upsertDeploymentEnabled: true } });
const call = createCalls(url);

const admin = await build.systemAdmin();
const { workspace, admin: workspaceAdmin, viewer, outsider } = await build.workspace();
const systemViewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });

const created = async (body: object = bodyFor()) => {
  const answer = await call(admin).post("/clusters", body);
  expect(answer).toMatchObject({ status: 200 });
  return answer.body;
};
const inOther = async () => {
  const name = `Organization ${crypto.randomUUID().slice(0, 8)}`;
  const organization = await db.organization.create({ data: { name } });
  const row = await db.workspace.create({ data: { label: name, organizationId: organization.id } });
  const member = await build.user({ roles: [{ role: "WORKSPACE_VIEWER", workspaceId: row.id }] });
  return { organization, workspace: row, member };
};
const pool = (given: object = {}) => ({ name: "main", nodeInstanceType: "m5.xlarge", maxNodeCount: 20, ...given });

describe("createCluster", () => {
  it("creates a cluster of AWS with everything that is given", async () => {
    const body = bodyFor("AWS", {
      dbInstanceType: "db.m5.xlarge",
      providerAccount: "123456789012",
      secondaryVpcCidr: "100.64.0.0/16",
      drRegion: "us-west-2",
      drVpcSubnetRange: "10.8.0.0/20",
      drSecondaryVpcCidr: "100.65.0.0/16",
      enableReplicationTimeControl: true,
      k8sTags: [{ key: "team", value: "data" }, { key: "empty" }],
      nodePools: [pool(), pool({ name: "large", nodeInstanceType: "m5.4xlarge", maxNodeCount: 2 })],
      workspaceIds: [workspace.id],
    });
    const cluster = await created(body);
    const { k8sTags, nodePools, ...shown } = body as Record<string, unknown>;
    expect(cluster).toEqual({
      ...shown,
      id: cluster.id,
      organizationId: DEFAULT_ORGANIZATION,
      status: "CREATED",
      isDrEnabled: true,
      isFailedOver: false,
      failoverInProgress: false,
      isLimited: true,
      metadata: { externalIPs: [] },
      tags: [
        { key: "team", value: "data" },
        { key: "empty", value: "" },
      ],
      nodePools: (nodePools as object[]).map((one, n) => ({
        ...one,
        id: cluster.nodePools[n].id,
        clusterId: cluster.id,
        cloudProvider: "AWS",
        isDefault: n === 0,
        supportedAstroMachines: [],
        createdAt: expect.stringMatching(/Z$/),
        updatedAt: expect.stringMatching(/Z$/),
      })),
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
    });
    expect(await db.cluster.findUniqueOrThrow({ where: { id: cluster.id } })).toMatchObject({
      name: body.name,
      cloudProvider: "AWS",
      organizationId: DEFAULT_ORGANIZATION,
      platformApi: { region: "us-east-1", vpcSubnetRange: "172.20.0.0/20", drRegion: "us-west-2" },
      createdBy: `user:${admin.id}`,
      updatedBy: `user:${admin.id}`,
    });
    expect(await db.auditEntry.findFirstOrThrow({ where: { entityId: cluster.id } })).toMatchObject({
      action: "createCluster",
      actor: `user:${admin.id}`,
      detail: { name: body.name, cloudProvider: "AWS", region: "us-east-1" },
    });
  });

  it("creates clusters of AZURE and GCP with the fields of these providers", async () => {
    const azure = await created(bodyFor("AZURE", { tenantId: "tenant-1", type: "HYBRID" }));
    expect(azure).toMatchObject({ cloudProvider: "AZURE", tenantId: "tenant-1", type: "HYBRID", drRegion: "" });
    expect(azure).toMatchObject({ isDrEnabled: false, isLimited: false, workspaceIds: [], tags: [], nodePools: [] });
    expect(azure).not.toHaveProperty("podSubnetRange");
    const dr = { drPodSubnetRange: "10.1.0.0/19", drServiceSubnetRange: "10.2.0.0/22" };
    const body = bodyFor("GCP", { ...dr, drServicePeeringRange: "10.3.0.0/20", drRegion: "us-east4" });
    const { cloudProvider, ...ofGcp } = body;
    expect(await created(body)).toMatchObject({ ...ofGcp, cloudProvider });
  });

  it("stores the default database type, so that the cluster keeps it", async () => {
    const { id, dbInstanceType } = await created();
    expect(dbInstanceType).toBe("db.m5.large");
    const { platformApi } = await db.cluster.findUniqueOrThrow({ where: { id } });
    expect(platformApi).toMatchObject({ dbInstanceType });
  });

  it("makes the node pool the default that says so, or else the first", async () => {
    const { nodePools } = await created(bodyFor("AWS", { nodePools: [pool(), pool({ name: "b", isDefault: true })] }));
    expect(nodePools.map((one: { isDefault: boolean }) => one.isDefault)).toEqual([false, true]);
  });

  it("creates the cluster in the Organization of the path", async () => {
    const { organization } = await inOther();
    const { status, body } = await call(admin, organization.id).post("/clusters", bodyFor());
    expect({ status, organizationId: body.organizationId }).toEqual({ status: 200, organizationId: organization.id });
  });

  it("answers 412 for a name that another cluster has, of whichever Organization", async () => {
    const body = bodyFor();
    await created(body);
    const { organization } = await inOther();
    for (const id of [DEFAULT_ORGANIZATION, organization.id]) {
      const message = "name: is already in use by another cluster";
      const fieldErrors = [{ code: "CONFLICT", field: "name", message: "is already in use by another cluster" }];
      const answer = await call(admin, id).post("/clusters", { ...body, name: ` ${body.name} ` });
      expect(answer).toMatchObject({ status: 412, body: { message, statusCode: 412, fieldErrors } });
    }
  });

  it("creates one cluster for two requests with one name at the same time", async () => {
    const body = bodyFor("AWS", { nodePools: [pool()] });
    const answers = await Promise.all([1, 2, 3].map(() => call(admin).post("/clusters", body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
    expect(await db.cluster.count({ where: { name: body.name } })).toBe(1);
  });

  it("answers 401 without a credential, and 403 to whoever may not change clusters", async () => {
    const before = await db.cluster.count();
    expect(await call(undefined).post("/clusters", bodyFor())).toMatchObject({ status: 401 });
    expect(await call({ token: "wrong" }).post("/clusters", bodyFor())).toMatchObject({ status: 401 });
    for (const someone of [workspaceAdmin, viewer, outsider, systemViewer])
      expect(await call(someone).post("/clusters", bodyFor())).toMatchObject({ status: 403 });
    expect(await db.cluster.count()).toBe(before);
  });

  it("answers 404 to a System Admin for an unknown Organization, and 403 to others", async () => {
    expect(await call(admin, "unknown").post("/clusters", bodyFor())).toMatchObject({ status: 404 });
    expect(await call(outsider, "unknown").post("/clusters", bodyFor())).toMatchObject({ status: 403 });
  });
});

describe("getCluster", () => {
  it("answers the cluster to everyone in its Organization", async () => {
    const cluster = await created();
    const { workspaceIds: _, ...shown } = cluster;
    for (const someone of [admin, viewer, outsider])
      expect(await call(someone).get(`/clusters/${cluster.id}`)).toMatchObject({ status: 200, body: shown });
  });

  it("shows a cluster that GraphQL registered with the defaults of the provider", async () => {
    const { id } = await db.cluster.create({ data: { name: "registered" } });
    expect(await call(viewer).get(`/clusters/${id}`)).toMatchObject({
      status: 200,
      body: {
        name: "registered",
        cloudProvider: "AWS",
        type: "HYBRID",
        status: "CREATED",
        region: "us-east-1",
        dbInstanceType: "db.m5.large",
        vpcSubnetRange: "172.20.0.0/20",
        drRegion: "",
        nodePools: [],
        tags: [],
      },
    });
  });

  it("shows an INACTIVE cluster as ACCESS_DENIED", async () => {
    const { id } = await db.cluster.create({ data: { name: "inactive", status: "INACTIVE" } });
    expect((await call(admin).get(`/clusters/${id}`)).body).toMatchObject({ status: "ACCESS_DENIED" });
  });

  it("shows reported health as the contract has it, to those who may see it", async () => {
    const detail = { code: "X", severity: "ERROR", description: `"quoted" \\ text` };
    const details = [{ ...detail, component: "db", more: 1 }, { ...detail, component: 7 }, { code: "X" }, "text", null];
    const { id } = await db.cluster.create({ data: { name: "healthy", healthStatus: { value: "HEALTHY", a: 1 } } });
    const shown = async () => (await call(admin).get(`/clusters/${id}`)).body.healthStatus;
    expect(await shown()).toEqual({ value: "HEALTHY" });
    await db.cluster.update({ where: { id }, data: { healthStatus: { value: "DEGRADED", details } } });
    expect(await shown()).toEqual({ value: "UNHEALTHY", details: [{ ...detail, component: "db" }, detail] });
    await db.cluster.update({ where: { id }, data: { healthStatus: { value: "UNKNOWN", details: "none" } } });
    expect(await shown()).toEqual({ value: "UNKNOWN" });
    expect((await call(admin).get(`/clusters/${id}`)).body.healthStatus).toEqual({ value: "UNKNOWN" });
    expect((await call(systemViewer).get(`/clusters/${id}`)).body).not.toHaveProperty("healthStatus");
  });

  it("show the account and the tenant at the provider, and for which Workspaces they are, to System Admins only", async () => {
    const platformApi = { providerAccount: "123456789012", tenantId: "tenant-1", workspaceIds: [workspace.id] };
    const { id } = await db.cluster.create({ data: { name: "with account", platformApi } });
    expect((await call(admin).get(`/clusters/${id}`)).body).toMatchObject(platformApi);
    const { body } = await call(systemViewer).get(`/clusters/${id}`);
    expect(body).not.toHaveProperty("providerAccount");
    expect(body).not.toHaveProperty("tenantId");
    expect(body).not.toHaveProperty("workspaceIds");
    expect(body.isLimited).toBe(true);
  });

  it("answers 401, 403 outside the Organization, and 404 for a cluster that is not in it", async () => {
    const { organization, member } = await inOther();
    const { id } = await created();
    expect(await call(undefined).get(`/clusters/${id}`)).toMatchObject({ status: 401 });
    expect(await call(outsider, organization.id).get(`/clusters/${id}`)).toMatchObject({ status: 403 });
    expect(await call(member, organization.id).get(`/clusters/${id}`)).toMatchObject({ status: 404 });
    expect(await call(admin, organization.id).get(`/clusters/${id}`)).toMatchObject({
      status: 404,
      body: { fieldErrors: [{ field: "clusterId" }] },
    });
    expect(await call(admin).get("/clusters/unknown")).toMatchObject({ status: 404 });
    expect(await call(admin).get(`/clusters/${id}?type=x`)).toMatchObject({ status: 400 });
  });
});

describe("listClusters", () => {
  it("lists the clusters of the Organization to everyone in it, by provider and name, in pages", async () => {
    const { organization, member } = await inOther();
    const there = call(admin, organization.id);
    const names = ["b", "a", "c"].map((name) => `${name} of ${organization.id}`);
    for (const [n, name] of names.entries())
      await there.post("/clusters", bodyFor((["AWS", "GCP", "AWS"] as const)[n], { name }));
    const list = async (query: string) => {
      const { body } = await call(member, organization.id).get(`/clusters${query}`);
      return { ...body, clusters: body.clusters.map(({ name }: { name: string }) => name[0]) };
    };
    expect(await list("")).toEqual({ clusters: ["b", "a", "c"], totalCount: 3, offset: 0, limit: 20 });
    expect(await list("?sorts=name:desc")).toMatchObject({ clusters: ["c", "b", "a"] });
    expect(await list("?provider=AWS")).toMatchObject({ clusters: ["b", "c"], totalCount: 2 });
    expect(await list("?provider=AZURE")).toMatchObject({ clusters: [], totalCount: 0 });
    const both = `?names=${encodeURIComponent(names[0] ?? "")}&names=${encodeURIComponent(names[1] ?? "")}`;
    expect(await list(both)).toMatchObject({ clusters: ["b", "a"], totalCount: 2 });
    expect(await list("?limit=1&offset=1")).toEqual({ clusters: ["a"], totalCount: 3, offset: 1, limit: 1 });
    expect(await list("?limit=0")).toEqual({ clusters: [], totalCount: 3, offset: 0, limit: 0 });
  });

  it("shows clusters as getCluster does, with their node pools", async () => {
    const cluster = await created(bodyFor("GCP", { nodePools: [pool({ nodeInstanceType: "e2-standard-4" })] }));
    for (const caller of [admin, viewer]) {
      const { body } = await call(caller).get(`/clusters?names=${encodeURIComponent(cluster.name)}`);
      expect(body.clusters).toEqual([(await call(caller).get(`/clusters/${cluster.id}`)).body]);
    }
  });

  it("answers 400, 401 and 403", async () => {
    const { organization } = await inOther();
    expect(await call(admin).get("/clusters?provider=aws")).toMatchObject({
      status: 400,
      body: { message: "provider: must be one of AWS, AZURE, GCP" },
    });
    expect(await call(admin).get("/clusters?limit=1001")).toMatchObject({ status: 400 });
    expect(await call(undefined).get("/clusters")).toMatchObject({ status: 401 });
    expect(await call(outsider, organization.id).get("/clusters")).toMatchObject({ status: 403 });
  });
});

describe("deleteCluster", () => {
  it("deletes the cluster with its node pools; doing it twice answers 404", async () => {
    const { id } = await created(bodyFor("AWS", { nodePools: [pool()] }));
    expect(await call(admin).delete(`/clusters/${id}`)).toMatchObject({ status: 204, body: undefined });
    expect(await db.cluster.count({ where: { id } })).toBe(0);
    expect(await db.nodePool.count({ where: { clusterId: id } })).toBe(0);
    expect(await call(admin).delete(`/clusters/${id}`)).toMatchObject({ status: 404 });
  });

  it("answers 412 while the cluster has Deployments", async () => {
    const { id } = await created();
    const { deployment } = await build.deployment({ clusterId: id });
    expect(await call(admin).delete(`/clusters/${id}`)).toMatchObject({
      status: 412,
      body: { message: "clusterId: the cluster still has 1 Deployment" },
    });
    await db.deployment.update({ where: { id: deployment.id }, data: { deletedAt: new Date() } });
    expect(await call(admin).delete(`/clusters/${id}`)).toMatchObject({ status: 204 });
  });

  it("answers 412 for the default cluster, which GraphQL still rejects as bad input", async () => {
    const { id } = await db.cluster.findFirstOrThrow({ where: { isDefault: true } });
    expect(await call(admin).delete(`/clusters/${id}`)).toMatchObject({
      status: 412,
      body: { message: "clusterId: the default cluster cannot be removed" },
    });
    const { errors } = await as(admin).send(`mutation ($id: Uuid!) { deregisterCluster(id: $id) { id } }`, { id });
    expect(errors?.[0]).toMatchObject({
      message: "id: the default cluster cannot be removed",
      extensions: { code: "BAD_USER_INPUT" },
    });
  });

  it("answers 401, 403 to whoever may not change clusters, and 404 for one of another Organization", async () => {
    const { organization, member } = await inOther();
    const { id } = await created();
    expect(await call(undefined).delete(`/clusters/${id}`)).toMatchObject({ status: 401 });
    for (const someone of [viewer, workspaceAdmin, systemViewer])
      expect(await call(someone).delete(`/clusters/${id}`)).toMatchObject({ status: 403 });
    expect(await call(member, organization.id).delete(`/clusters/${id}`)).toMatchObject({ status: 403 });
    expect(await call(admin, organization.id).delete(`/clusters/${id}`)).toMatchObject({ status: 404 });
    expect(await db.cluster.count({ where: { id } })).toBe(1);
  });
});

describe("clusters of both APIs", () => {
  const UPSERT = `mutation ($workspaceUuid: Uuid, $label: String, $clusterId: Uuid) {
    upsertDeployment(workspaceUuid: $workspaceUuid, label: $label, clusterId: $clusterId, executor: CeleryExecutor) {
      id
    }
  }`;
  const CREATE = `mutation ($workspaceUuid: Uuid!) {
    createDeployment(workspaceUuid: $workspaceUuid, label: "Blue", type: "airflow", executor: CeleryExecutor) { id }
  }`;
  const deploy = async (clusterId: string, workspaceUuid = workspace.id) => {
    const variables = { workspaceUuid, label: `on ${clusterId} ${workspaceUuid}`, clusterId };
    const { data, errors } = await as(admin).send(UPSERT, variables);
    return errors ? errors[0]?.message : data.upsertDeployment.id;
  };

  it("shows a cluster created over REST in GraphQL, where it can be changed and used", async () => {
    const { id, name } = await created();
    const { data } = await as(admin).send(
      `query ($id: Uuid!, $name: String!) {
        cluster(id: $id) { id name status baseDomain healthStatus }
        paginatedClusters(searchPhrase: $name) { count clusters { id } }
      }`,
      { id, name },
    );
    expect(data.cluster).toEqual({ id, name, status: "ACTIVE", baseDomain: null, healthStatus: null });
    expect(data.paginatedClusters.clusters).toContainEqual({ id });
    expect(await deploy(id)).toMatch(/^c/);
    const update = `mutation ($id: Uuid!, $name: String!) { updateCluster(id: $id, name: $name) { name } }`;
    await as(admin).send(update, { id, name: `${name} renamed` });
    const { body } = await call(admin).get(`/clusters/${id}`);
    expect(body).toMatchObject({ name: `${name} renamed`, region: "us-east-1", type: "DEDICATED" });
  });

  it("shows a cluster that GraphQL registered over REST, where it can be changed", async () => {
    const { data } = await as(admin).send(
      `mutation { registerCluster(name: "by GraphQL", metadataUrl: "https://x.example.com/m") { id } }`,
    );
    const { id } = data.registerCluster;
    expect(await db.cluster.findUniqueOrThrow({ where: { id } })).toMatchObject({ createdBy: `user:${admin.id}` });
    expect(await call(viewer).get(`/clusters/${id}`)).toMatchObject({ status: 200, body: { type: "HYBRID" } });
    const update = { name: "by REST", k8sTags: [], clusterType: "DEDICATED" };
    expect(await call(admin).post(`/clusters/${id}`, update)).toMatchObject({
      status: 200,
      body: { name: "by REST", type: "DEDICATED" },
    });
    const row = await db.cluster.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({ metadataUrl: "https://x.example.com/m", status: "ACTIVE" });
  });

  it("accepts only Deployments of its Workspaces on a cluster that is limited to some", async () => {
    const { workspace: other } = await build.workspace();
    const { id, name } = await created(bodyFor("AWS", { workspaceIds: [workspace.id] }));
    expect(await deploy(id)).toMatch(/^c/);
    const message = `clusterId: cluster ${name} accepts no Deployments of this Workspace; choose another one`;
    expect(await deploy(id, other.id)).toBe(message);
    await call(admin).post(`/clusters/${id}`, { name, k8sTags: [], workspaceIds: [] });
    expect(await deploy(id, other.id)).toMatch(/^c/);
  });

  it("accepts only Deployments of its Workspaces also on a limited default cluster that is not named", async () => {
    const { workspace: other } = await build.workspace();
    const { id, name } = await db.cluster.findFirstOrThrow({ where: { isDefault: true } });
    const limit = (workspaceIds: string[]) => call(admin).post(`/clusters/${id}`, { name, k8sTags: [], workspaceIds });
    expect(await limit([workspace.id])).toMatchObject({ status: 200, body: { isLimited: true } });
    const { errors } = await as(admin).send(CREATE, { workspaceUuid: other.id });
    expect(errors?.[0]).toMatchObject({ extensions: { code: "BAD_USER_INPUT", argument: "clusterId" } });
    expect((await as(admin).send(CREATE, { workspaceUuid: workspace.id })).errors).toBeUndefined();
    expect(await limit([])).toMatchObject({ status: 200, body: { isLimited: false } });
    expect((await as(admin).send(CREATE, { workspaceUuid: other.id })).errors).toBeUndefined();
  });

  it("accepts no Deployments of another Organization, except on clusters of the default one", async () => {
    const [one, other] = [await inOther(), await inOther()];
    const { body } = await call(admin, one.organization.id).post("/clusters", bodyFor());
    expect(await deploy(body.id, one.workspace.id)).toMatch(/^c/);
    expect(await deploy(body.id, other.workspace.id)).toBe("clusterId: unknown cluster");
    expect(await deploy((await created()).id, other.workspace.id)).toMatch(/^c/);
  });
});

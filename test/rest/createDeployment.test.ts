import { describe, expect, it } from "vitest";
import { DEFAULT_CLUSTER, RUNTIME } from "./deploymentNames.ts";
import { deploymentScene } from "./deploymentScene.ts";
import { ORGANIZATION } from "./examples.ts";

const { as, build, cluster, create, created, db, get, hybrid, rest, standard } = await deploymentScene({
  deployments: { dagOnlyDeployment: true },
});
const { workspace, admin, editor, viewer, outsider } = await build.workspace();
const other = await db.organization.create({ data: { name: "Other" } });

const dedicated = await cluster({ name: "dedicated", platformApi: { type: "DEDICATED", region: "eu-west-1" } });
const foreign = await cluster({ name: "foreign", organizationId: other.id, platformApi: { type: "DEDICATED" } });

const DEPLOYMENT = `query ($id: String!) { deployment(where: { id: $id }) {
  id label alertEmails config runtimeVersion dagDeployment { type } environmentVariables { key value isSecret } } }`;

/** The message of the refusal of a request with these fields instead. */
async function refusal(fields: object, body: object = standard(workspace.id)) {
  const answer = await create(admin, { ...body, ...fields });
  expect(answer.status, answer.body.message).toBe(400);
  return answer.body.message as string;
}

const queue = (fields: object = {}) => ({
  name: "default",
  isDefault: true,
  astroMachine: "A5",
  minWorkerCount: 0,
  maxWorkerCount: 10,
  workerConcurrency: 5,
  ...fields,
});

describe("createDeployment", () => {
  it("creates a Deployment with every field", async () => {
    const body = {
      ...standard(workspace.id),
      description: "For reports",
      clusterId: dedicated.id,
      cloudProvider: "AWS",
      region: "eu-west-1",
      schedulerSize: "MEDIUM",
      isHighAvailability: true,
      isDevelopmentMode: true,
      isCicdEnforced: true,
      isDagDeployEnabled: true,
      contactEmails: ["a@example.com", "B@example.com", "a@example.com"],
      environmentVariables: [
        { key: "OPEN", value: "yes", isSecret: false },
        { key: "HIDDEN", value: "s3cret", isSecret: true },
      ],
      workloadIdentity: "arn:aws:iam::1:role/x",
      drWorkloadIdentity: "arn:aws:iam::1:role/y",
      defaultTaskPodCpu: "500m",
      defaultTaskPodMemory: "1024Mi",
      resourceQuotaCpu: "10",
      resourceQuotaMemory: "20Gi",
      workerQueues: [queue(), queue({ name: "big", isDefault: false, astroMachine: "A160", workerConcurrency: 160 })],
      remoteExecution: {
        enabled: true,
        allowedIpAddressRanges: ["203.0.113.0/24", "2001:db8::/32"],
        taskLogBucket: "b",
      },
      scalingSpec: {
        hibernationSpec: {
          override: { isHibernating: true, overrideUntil: "2030-01-01T00:00:00Z" },
          schedules: [{ hibernateAtCron: "0 20 * * MON-FRI", wakeAtCron: "0 7 * * 1-5", isEnabled: true }],
        },
      },
    };
    const answer = await created(admin, body);
    const { workerQueues, remoteExecution, scalingSpec, environmentVariables, ...fields } = body;
    expect(answer).toMatchObject({
      ...fields,
      contactEmails: ["a@example.com", "b@example.com"],
      schedulerCpu: "2",
      schedulerMemory: "4Gi",
      schedulerReplicas: 2,
      remoteExecution,
      scalingSpec: { hibernationSpec: { schedules: scalingSpec.hibernationSpec.schedules } },
      createdBy: { id: admin.id },
    });
    expect(answer.workerQueues).toMatchObject(workerQueues);
    expect(answer.workerQueues[1]).toMatchObject({ podCpu: "32", podMemory: "64Gi" });
    expect(answer.environmentVariables).toMatchObject([{ key: "HIDDEN", isSecret: true }, environmentVariables[0]]);
    expect(JSON.stringify(answer)).not.toContain("s3cret");
    expect((await get(admin, answer.id)).body).toEqual(answer);
  });

  it("creates a Deployment from the required fields alone, with the defaults of the options", async () => {
    const answer = await created(editor, standard(workspace.id));
    expect(answer).toMatchObject({
      type: "STANDARD",
      clusterId: DEFAULT_CLUSTER,
      astroRuntimeVersion: RUNTIME,
      executor: "CELERY",
      defaultTaskPodCpu: "0.25",
      defaultTaskPodMemory: "0.5Gi",
      resourceQuotaCpu: "10",
      resourceQuotaMemory: "20Gi",
      contactEmails: [],
      workerQueues: [{ ...queue(), id: expect.any(String), podCpu: "1", podMemory: "2Gi" }],
    });
  });

  it("shows in GraphQL at once, with variables, executor, alert addresses and role", async () => {
    const body = {
      ...standard(workspace.id),
      contactEmails: ["a@example.com"],
      environmentVariables: [{ key: "OPEN", value: "yes", isSecret: false }],
      workloadIdentity: "role",
      isDagDeployEnabled: true,
      executor: "KUBERNETES",
    };
    const { id } = await created(admin, body);
    const { data } = await as(admin).send(DEPLOYMENT, { id });
    expect(data.deployment).toMatchObject({
      id,
      label: body.name,
      alertEmails: ["a@example.com"],
      runtimeVersion: RUNTIME,
      dagDeployment: { type: "dag_deploy" },
      environmentVariables: [{ key: "OPEN", value: "yes", isSecret: false }],
      config: { executor: "KubernetesExecutor", scheduler: { resources: { limits: { cpu: 1000, memory: 2048 } } } },
    });
    const row = await db.deployment.findUniqueOrThrow({ where: { id }, include: { workerQueues: true } });
    expect(row).toMatchObject({ cloudRole: "role", workerQueues: [] });
  });

  it("creates a HYBRID Deployment on the node pools of its cluster, with a scheduler in astro units", async () => {
    const own = await cluster({
      name: "hybrid",
      nodePools: { create: { name: "p", nodeInstanceType: "m5", maxNodeCount: 3 } },
    });
    const pool = await db.nodePool.findFirstOrThrow({ where: { clusterId: own.id } });
    const { astroMachine: _machine, ...named } = queue({ nodePoolId: pool.id });
    const body = { ...hybrid(workspace.id), clusterId: own.id, scheduler: { au: 10, replicas: 2 } };
    const answer = await created(admin, { ...body, taskPodNodePoolId: pool.id, workerQueues: [named] });
    expect(answer).toMatchObject({
      type: "HYBRID",
      schedulerAu: 10,
      schedulerReplicas: 2,
      schedulerCpu: "1",
      schedulerMemory: "3840Mi",
      taskPodNodePoolId: pool.id,
      workerQueues: [named],
    });
    expect(answer).not.toHaveProperty("resourceQuotaCpu");
    const usual = await created(admin, { ...body, name: "usual queue" });
    expect(usual.workerQueues).toMatchObject([{ name: "default", nodePoolId: pool.id, workerConcurrency: 16 }]);
    expect(await refusal({ name: "pool", workerQueues: [{ ...named, nodePoolId: "unknown" }] }, body)).toBe(
      "workerQueues.0.nodePoolId: must be the ID of a node pool of the cluster",
    );
    expect(await refusal({ name: "pool", taskPodNodePoolId: "unknown" }, body)).toBe(
      "taskPodNodePoolId: must be the ID of a node pool of the cluster",
    );
    expect(await refusal({ workerQueues: [queue()] }, body)).toContain(
      "workerQueues.0.astroMachine: is not a known field",
    );
  });

  it("stores a Deployment of GraphQL with the Workspace's default for CI/CD", async () => {
    const { workspace: strict, admin: boss } = await build.workspace();
    await db.workspace.update({ where: { id: strict.id }, data: { cicdEnforcedDefault: true } });
    const CREATE = `mutation ($id: Uuid!) { createDeployment(workspaceUuid: $id, label: "Strict") { id } }`;
    const { data } = await as(boss).send(CREATE, { id: strict.id });
    expect((await get(boss, data.createDeployment.id)).body.isCicdEnforced).toBe(true);
  });
});

describe("who may create a Deployment", () => {
  it("denies a Workspace Viewer and an outsider, and refuses a caller without a token", async () => {
    const statuses = [viewer, outsider, undefined].map(
      async (one) => (await create(one, standard(workspace.id))).status,
    );
    expect(await Promise.all(statuses)).toEqual([403, 403, 401]);
  });

  it("refuses a Workspace of another Organization, and an unknown one, naming workspaceId", async () => {
    const system = await build.systemAdmin();
    const theirs = await db.workspace.create({ data: { label: "Theirs", organizationId: other.id } });
    const answer = await create(system, standard(theirs.id));
    expect(answer).toMatchObject({
      status: 400,
      body: { message: "workspaceId: must be a Workspace of the Organization" },
    });
    expect(await create(system, standard("unknown"))).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("workspaceId") },
    });
  });
});

describe("the cluster of a new Deployment", () => {
  const all = () => ({ ...standard(workspace.id), type: "DEDICATED" });

  it("must be of the Deployment's type, of the Organization and open to the Workspace", async () => {
    expect(await refusal({ clusterId: DEFAULT_CLUSTER }, all())).toContain(
      "clusterId: must be a cluster of type DEDICATED",
    );
    expect(await refusal({ clusterId: dedicated.id }, hybrid(workspace.id))).toContain(
      "must be a cluster of type HYBRID",
    );
    expect(await refusal({ clusterId: foreign.id }, all())).toBe("clusterId: unknown cluster");
    expect(await refusal({}, all())).toContain("clusterId: ");
    const kept = await cluster({ name: "kept", platformApi: { type: "DEDICATED", workspaceIds: ["another"] } });
    expect(await refusal({ clusterId: kept.id }, all())).toBe(
      "clusterId: must be a cluster that is open to the Workspace",
    );
    await db.cluster.update({
      where: { id: kept.id },
      data: { platformApi: { type: "DEDICATED", workspaceIds: [workspace.id] } },
    });
    expect((await created(admin, { ...all(), clusterId: kept.id })).clusterId).toBe(kept.id);
  });

  it("is chosen by cloudProvider and region for type STANDARD", async () => {
    const gcp = await cluster({
      name: "gcp",
      cloudProvider: "GCP",
      platformApi: { type: "DEDICATED", region: "us-west1" },
    });
    const body = () => ({ ...standard(workspace.id), cloudProvider: "GCP" });
    expect(await created(admin, { ...body(), region: "us-west1" })).toMatchObject({
      ...{ clusterId: gcp.id, type: "STANDARD", cloudProvider: "GCP", region: "us-west1" },
    });
    expect(await refusal({ region: "nowhere" }, body())).toBe("region: must be a region with a cluster: us-west1");
    expect(await refusal({ cloudProvider: "AZURE" })).toBe(
      "cloudProvider: must be a provider with a cluster: AWS, GCP",
    );
    expect(await refusal({ ...body(), clusterId: dedicated.id })).toBe(
      "cloudProvider: must be that of the cluster, AWS",
    );
    // Of the default cluster, no region is known.
    const near = await created(admin, { ...standard(workspace.id), cloudProvider: "AWS", region: "us-east-1" });
    expect(near).toMatchObject({ clusterId: DEFAULT_CLUSTER, region: "us-east-1" });
  });

  it("is the default cluster, in every Organization, for type STANDARD without a choice", async () => {
    const theirs = await db.workspace.create({ data: { label: "Elsewhere", organizationId: other.id } });
    const boss = await build.user({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId: theirs.id }] });
    const post = (body: object) => rest(boss).post(`/organizations/${other.id}/deployments`, body);
    const expected = { status: 200, body: { clusterId: DEFAULT_CLUSTER, organizationId: other.id } };
    expect(await post(standard(theirs.id))).toMatchObject(expected);
    expect(await post({ ...standard(theirs.id), clusterId: DEFAULT_CLUSTER })).toMatchObject(expected);
    expect(await post(hybrid(theirs.id))).toMatchObject({
      ...{ status: 400, body: { message: "clusterId: unknown cluster" } },
    });
  });
});

describe("rules for worker queues", () => {
  it.each([
    ["KUBERNETES has none", { executor: "KUBERNETES", workerQueues: [queue()] }, "workerQueues: cannot be combined"],
    ["at least one, if given", { workerQueues: [] }, "workerQueues: must be a list of 1 to 100"],
    [
      "exactly one is the default",
      { workerQueues: [queue({ isDefault: false })] },
      "workerQueues: must contain exactly one",
    ],
    ["not two defaults", { workerQueues: [queue(), queue({ name: "b" })] }, "workerQueues: must contain exactly one"],
    [
      "names are unique",
      { workerQueues: [queue(), queue({ isDefault: false })] },
      "workerQueues.1.name: default is a dupl",
    ],
    ["names are DNS labels", { workerQueues: [queue({ name: "Big Queue" })] }, "workerQueues.0.name: must be 1 to 63"],
    [
      "minimum ≤ maximum",
      { workerQueues: [queue({ minWorkerCount: 11 })] },
      "maxWorkerCount: must be at least minWorker",
    ],
    [
      "maximum in its range",
      { workerQueues: [queue({ maxWorkerCount: 201 })] },
      "maxWorkerCount: must be from 1 to 200",
    ],
    ["concurrency in the machine's range", { workerQueues: [queue({ workerConcurrency: 16 })] }, "from 1 to 15 on A5"],
    [
      "a known machine",
      { workerQueues: [queue({ astroMachine: "A7" })] },
      "workerQueues.0.astroMachine: must be one of A5",
    ],
    [
      "no ID of a queue that does not exist",
      { workerQueues: [queue({ id: "x" })] },
      "workerQueues.0.id: unknown worker",
    ],
  ])("%s", async (_rule, fields, message) => {
    expect(await refusal(fields)).toContain(message);
  });
});

describe("rules for sizes", () => {
  it.each([
    [{ defaultTaskPodCpu: "many" }, "defaultTaskPodCpu: must be a quantity such as"],
    [{ defaultTaskPodCpu: "50m" }, "defaultTaskPodCpu: must be from 0.1 to 32"],
    [
      { defaultTaskPodMemory: "129Gi", resourceQuotaMemory: "1Ti" },
      "defaultTaskPodMemory: must be from 128Mi to 128Gi",
    ],
    [{ resourceQuotaCpu: "1601" }, "resourceQuotaCpu: must be from 0.25 to 1600"],
    [
      { defaultTaskPodCpu: "2", resourceQuotaCpu: "1999m" },
      "defaultTaskPodCpu: must be at most 1999m, the resourceQuotaCpu",
    ],
    [{ resourceQuotaMemory: "0.5Gi", defaultTaskPodMemory: "513Mi" }, "defaultTaskPodMemory: must be at most 0.5Gi"],
    [{ schedulerSize: "HUGE" }, "schedulerSize: must be one of SMALL, MEDIUM, LARGE, EXTRA_LARGE"],
  ])("refuses %j", async (fields, message) => {
    expect(await refusal(fields)).toContain(message);
  });

  it("accepts equal quantities in different spellings, and keeps the spelling", async () => {
    const sizes = {
      defaultTaskPodCpu: "2",
      resourceQuotaCpu: "2000m",
      defaultTaskPodMemory: "1Gi",
      resourceQuotaMemory: "1024Mi",
    };
    expect(await created(admin, { ...standard(workspace.id), ...sizes })).toMatchObject(sizes);
  });

  it("refuses a scheduler outside the limits of GraphQL", async () => {
    expect(await refusal({ scheduler: { au: 25, replicas: 1 } }, hybrid(workspace.id))).toBe(
      "scheduler.au: must be from 1 to 24",
    );
    expect(await refusal({ scheduler: { au: 5, replicas: 5 } }, hybrid(workspace.id))).toBe(
      "scheduler.replicas: must be from 1 to 4",
    );
  });

  it("refuses a size that the Workspace's limits exclude, naming schedulerSize", async () => {
    const { workspace: small, admin: boss } = await build.workspace();
    const config = {
      components: [{ name: "scheduler", au: { default: 5, limit: 10 }, replicas: { default: 1, limit: 1 } }],
    };
    await db.deploymentsConfigOverride.create({ data: { workspaceId: small.id, config } });
    const medium = await create(boss, { ...standard(small.id), schedulerSize: "MEDIUM" });
    expect(medium).toMatchObject({ status: 400, body: { message: "schedulerSize: must be one of SMALL" } });
    const available = await create(boss, { ...standard(small.id), isHighAvailability: true });
    expect(available.body.message).toBe("isHighAvailability: must be false: this platform allows one scheduler");
    await created(boss, standard(small.id));
  });
});

describe("rules for the other fields", () => {
  const spec = (hibernationSpec: object) => ({ scalingSpec: { hibernationSpec } });
  it.each([
    [{ type: "SHARED" }, "type: must be"],
    [{ name: "x".repeat(501) }, "name: must be a string of 1 to 500 characters"],
    [{ description: "x".repeat(1001) }, "description: must be"],
    [{ astroRuntimeVersion: "1.0.0" }, "astroRuntimeVersion: unknown version 1.0.0"],
    [{ contactEmails: ["nobody"] }, "contactEmails.0: must be an e-mail address"],
    [{ environmentVariables: [{ key: "1", isSecret: false }] }, "environmentVariables.0.key: must be"],
    [{ environmentVariables: [{ key: "A", isSecret: true }] }, "environmentVariables.0.value: is required for a new"],
    [{ isCicdEnforced: "yes" }, "isCicdEnforced: must be true or false"],
    [{ scheduler: { au: 5, replicas: 1 } }, "scheduler: cannot be combined with type STANDARD"],
    [
      { remoteExecution: { enabled: true, allowedIpAddressRanges: ["10.0.0.0/33"] } },
      "allowedIpAddressRanges.0: must be",
    ],
    [
      { remoteExecution: { enabled: true, allowedIpAddressRanges: ["010.0.0.0/8"] } },
      "allowedIpAddressRanges.0: must be",
    ],
    [
      spec({ schedules: [{ hibernateAtCron: "60 * * * *", wakeAtCron: "0 7 * * *", isEnabled: true }] }),
      "hibernateAtCron: must",
    ],
    [spec({ override: { isHibernating: true } }), "override: must contain both"],
    [spec({ override: { isHibernating: true, overrideUntil: "soon" } }), "overrideUntil: must be a time"],
  ])("refuses %j", async (fields, message) => {
    expect(await refusal(fields)).toContain(message);
  });

  const until = (overrideUntil: string) => spec({ override: { isHibernating: true, overrideUntil } });

  it.each([
    "0000-01-01T00:00:00Z",
    "2030-01-01T00:00:00+23:59",
    `2030-01-01T00:00:00.${"1".repeat(300)}Z`,
    "2030-02-30T00:00:00Z",
    "2030-01-01 00:00:00Z",
  ])("refuses the end of an override that the database could not read again: %s", async (time) => {
    expect(await refusal(until(time))).toContain("overrideUntil: must be a time");
    expect((await rest(admin).get(`/organizations/${ORGANIZATION}/deployments`)).status).toBe(200);
  });

  it.each(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.123456789-12:00", "2030-01-01T00:00:00+14:00"])(
    "accepts the end of an override in any year and time zone, and answers it as given: %s",
    async (time) => {
      const { scalingSpec } = await created(admin, { ...standard(workspace.id), ...until(time) });
      expect(scalingSpec.hibernationSpec.override.overrideUntil).toBe(time);
    },
  );

  it("refuses long text and long lists for their length alone, whatever they consist of", async () => {
    for (const text of [":".repeat(5_000), "1.".repeat(2_500)]) {
      const message = await refusal({ remoteExecution: { enabled: true, allowedIpAddressRanges: [text] } });
      // Once: the patterns, whose time grows with the square of the length, are not tried.
      expect(message).toBe(
        "remoteExecution.allowedIpAddressRanges.0: must be a range of IPv4 or IPv6 addresses such as 203.0.113.0/24",
      );
    }
    expect(await refusal({ name: "👩\u200d".repeat(100_000) })).toBe("name: must be a string of 1 to 500 characters");
    expect(await refusal({ workerQueues: Array(6000).fill(queue()) })).toBe(
      "workerQueues: must be a list of 1 to 100 worker queues",
    );
    expect(await refusal({ environmentVariables: Array(40_000).fill(0) })).toBe(
      "environmentVariables: must be a list of at most 1,000 variables",
    );
  });

  it("accepts names of up to 500 characters", async () => {
    const name = "n".repeat(500);
    expect((await created(admin, { ...standard(workspace.id), name })).name).toBe(name);
  });

  it("refuses a name that is already in use in the Workspace, and stores nothing else", async () => {
    const body = standard(workspace.id);
    await created(admin, body);
    const count = await db.workerQueue.count();
    const { status, body: error } = await create(admin, body);
    expect({ status, message: error.message, fields: error.fieldErrors }).toMatchObject({
      status: 400,
      message: "name: is already in use by another Deployment of the Workspace",
      fields: [{ field: "name" }],
    });
    expect(await db.workerQueue.count()).toBe(count);
  });

  it("creates one Deployment for two requests with one name at once", async () => {
    const body = standard(workspace.id);
    const statuses = (await Promise.all([create(admin, body), create(admin, body)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 400]);
    expect(await db.deployment.count({ where: { label: body.name } })).toBe(1);
  });

  it("stores the executor ASTRO, which GraphQL has as CeleryExecutor", async () => {
    const { id, executor, workerQueues } = await created(admin, { ...standard(workspace.id), executor: "ASTRO" });
    expect([executor, workerQueues.length]).toEqual(["ASTRO", 1]);
    expect((await db.deployment.findUniqueOrThrow({ where: { id } })).executor).toBe("CeleryExecutor");
  });
});

import { describe, expect, it } from "vitest";
import { deploymentScene } from "./deploymentScene.ts";

const { as, build, create, created, db, get, hybrid, standard, unchanged, update } = await deploymentScene({
  deployments: { dagOnlyDeployment: true, gitSyncDagDeployment: true },
});
const { workspace, admin, viewer, outsider } = await build.workspace();

/** A Deployment, and a request that changes nothing. */
async function scene(fields: object = {}) {
  const body = { ...standard(workspace.id), ...fields };
  const answer = await created(admin, body);
  return { id: answer.id as string, answer, same: unchanged(body) };
}

async function updated(id: string, body: object) {
  const answer = await update(admin, id, body);
  expect(answer.status, answer.body.message).toBe(200);
  return answer.body;
}

async function refusal(id: string, body: object) {
  const answer = await update(admin, id, body);
  expect(answer.status, answer.body.message).toBe(400);
  return answer.body.message as string;
}

const queue = (fields: object = {}) => ({
  ...{ name: "default", isDefault: true, astroMachine: "A5" },
  ...{ minWorkerCount: 0, maxWorkerCount: 10, workerConcurrency: 5, ...fields },
});

const variables = (id: string) =>
  db.environmentVariable.findMany({ where: { deploymentId: id }, orderBy: { key: "asc" } });

describe("updateDeployment", () => {
  it("changes every field that may change", async () => {
    const { id, same } = await scene();
    const body = {
      ...same,
      name: "Renamed",
      description: "New",
      executor: "ASTRO",
      schedulerSize: "LARGE",
      isHighAvailability: true,
      isDevelopmentMode: true,
      isCicdEnforced: true,
      isDagDeployEnabled: true,
      contactEmails: ["new@example.com"],
      workloadIdentity: "role",
      drWorkloadIdentity: "dr",
      defaultTaskPodCpu: "1",
      defaultTaskPodMemory: "2Gi",
      resourceQuotaCpu: "20",
      resourceQuotaMemory: "40Gi",
      environmentVariables: [{ key: "A", value: "1", isSecret: false }],
      workerQueues: [queue({ maxWorkerCount: 5 })],
      remoteExecution: { enabled: false, allowedIpAddressRanges: [] },
      scalingSpec: {
        hibernationSpec: { schedules: [{ hibernateAtCron: "0 20 * * *", wakeAtCron: "0 7 * * *", isEnabled: false }] },
      },
    };
    const answer = await updated(id, body);
    expect(answer).toMatchObject({ ...body, id, schedulerCpu: "2", schedulerMemory: "8Gi", schedulerReplicas: 2 });
    expect((await get(admin, id)).body).toEqual(answer);
  });

  it("changes nothing, not even updatedAt, for a request with what is stored", async () => {
    const { id, answer, same } = await scene({ description: "D", contactEmails: ["a@example.com"] });
    expect(await updated(id, same)).toEqual(answer);
  });

  it("keeps optional fields that are omitted, and removes roles that are empty", async () => {
    const given = { description: "D", workloadIdentity: "role", drWorkloadIdentity: "dr", defaultTaskPodCpu: "2" };
    const { id, same } = await scene(given);
    const { description: _d, workloadIdentity: _w, drWorkloadIdentity: _r, defaultTaskPodCpu: _c, ...rest } = same;
    expect(await updated(id, rest)).toMatchObject(given);
    const without = await updated(id, { ...rest, workloadIdentity: "", drWorkloadIdentity: "" });
    expect(without).not.toHaveProperty("workloadIdentity");
    expect(without).not.toHaveProperty("drWorkloadIdentity");
  });

  it("S5: replaces the variables; a secret without a value keeps the stored one", async () => {
    const secret = { key: "S", value: "s3cret", isSecret: true };
    const { id, same } = await scene({ environmentVariables: [secret, { key: "OLD", value: "1", isSecret: false }] });
    const [, before] = await variables(id);
    await updated(id, { ...same, environmentVariables: [{ key: "S", isSecret: true }] });
    expect(await variables(id)).toEqual([before]);
    expect(await refusal(id, { ...same, environmentVariables: [{ key: "NEW", isSecret: true }] })).toBe(
      "environmentVariables.0.value: is required for a new secret",
    );
  });

  it("changes the scheduler of a HYBRID Deployment", async () => {
    const body = hybrid(workspace.id);
    const { id } = await created(admin, body);
    const answer = await updated(id, { ...unchanged(body), scheduler: { au: 20, replicas: 3 } });
    expect(answer).toMatchObject({ schedulerAu: 20, schedulerReplicas: 3, schedulerCpu: "2" });
  });

  it("cannot change the type or the Workspace", async () => {
    const { id, same } = await scene();
    expect(await refusal(id, { ...same, type: "DEDICATED" })).toContain("type: must be STANDARD");
    const { workspace: another } = await build.workspace();
    expect(await refusal(id, { ...same, workspaceId: another.id })).toContain("workspaceId: must be the Workspace of");
    expect(await refusal(id, { ...same, clusterId: "x" })).toContain("clusterId: is not a known field");
  });

  it("refuses a name that is already in use, values outside the options, and missing variables, by name", async () => {
    const { answer } = await scene();
    const { id, same } = await scene();
    expect(await refusal(id, { ...same, name: answer.name })).toBe(
      "name: is already in use by another Deployment of the Workspace",
    );
    expect(await refusal(id, { ...same, resourceQuotaCpu: "1601" })).toContain("resourceQuotaCpu: must be from");
    expect(await refusal(id, { ...same, defaultTaskPodCpu: "11" })).toContain(
      "must be at most 10, the resourceQuotaCpu",
    );
    await updated(id, { ...same, defaultTaskPodCpu: "2" });
    expect(await refusal(id, { ...same, resourceQuotaCpu: "1" })).toBe(
      "resourceQuotaCpu: must be at least 2, the defaultTaskPodCpu",
    );
    const { environmentVariables: _v, ...without } = same;
    expect(await refusal(id, without)).toContain("environmentVariables: is required and must be a list");
  });

  it("stores nothing of a request that is refused", async () => {
    const { id, answer, same } = await scene();
    const bad = {
      ...same,
      name: "Other",
      environmentVariables: [{ key: "NEW", isSecret: true }],
      workerQueues: [queue({ maxWorkerCount: 3 })],
    };
    await refusal(id, bad);
    expect((await get(admin, id)).body).toEqual(answer);
  });
});

describe("who may update a Deployment", () => {
  it("denies those who may only see it; for others it does not exist", async () => {
    const { id, same } = await scene();
    expect((await update(viewer, id, same)).status).toBe(403);
    expect((await update(outsider, id, same)).status).toBe(404);
    expect((await update(undefined, id, same)).status).toBe(401);
    expect((await update(admin, "unknown", same)).status).toBe(404);
  });

  it("refuses a change while the Deployment is cordoned", async () => {
    const { id, same } = await scene();
    await db.deployment.update({ where: { id }, data: { isCordoned: true } });
    expect(await refusal(id, { ...same, name: "Cordoned" })).toContain("cordoned");
  });
});

describe("worker queues of an update", () => {
  it("are the complete new set: with an ID or a known name the row stays, others are removed", async () => {
    const { id, answer, same } = await scene({
      workerQueues: [queue(), queue({ name: "b", isDefault: false }), queue({ name: "c", isDefault: false })],
    });
    const [main, b] = answer.workerQueues;
    const { workerQueues } = await updated(id, {
      ...same,
      workerQueues: [queue({ id: main.id, name: "main" }), queue({ name: "b", isDefault: false, maxWorkerCount: 7 })],
    });
    expect(workerQueues).toMatchObject([
      { id: main.id, name: "main" },
      { id: b.id, name: "b", maxWorkerCount: 7 },
    ]);
    expect(workerQueues).toHaveLength(2);
    expect(await refusal(id, { ...same, workerQueues: [queue({ id: "unknown" })] })).toBe(
      "workerQueues.0.id: unknown worker queue",
    );
  });

  it("may exchange their names", async () => {
    const { id, answer, same } = await scene({ workerQueues: [queue(), queue({ name: "b", isDefault: false })] });
    const [main, b] = answer.workerQueues;
    const swapped = [queue({ id: main.id, name: "b" }), queue({ id: b.id, isDefault: false })];
    const { workerQueues } = await updated(id, { ...same, workerQueues: swapped });
    expect(workerQueues).toMatchObject(swapped);
  });

  it("stay if omitted, go with the executor KUBERNETES, and are one by default with CELERY again", async () => {
    const { id, answer, same } = await scene({ workerQueues: [queue({ name: "mine" })] });
    const { workerQueues: _q, ...rest } = same;
    expect((await updated(id, { ...rest, description: "x" })).workerQueues).toEqual(answer.workerQueues);
    expect(await refusal(id, { ...same, executor: "KUBERNETES" })).toContain("workerQueues: cannot be combined");
    const without = await updated(id, { ...rest, executor: "KUBERNETES" });
    expect(without).toMatchObject({ executor: "KUBERNETES", workerQueues: [] });
    expect((await updated(id, { ...rest, executor: "CELERY" })).workerQueues).toMatchObject([{ name: "default" }]);
  });

  it("are one of two sets after two requests at once", async () => {
    const { id, same } = await scene();
    const sets = [
      ["a", "b"],
      ["c", "d"],
    ].map((names) => names.map((name, index) => queue({ name, isDefault: index === 0 })));
    const answers = await Promise.all(sets.map((workerQueues) => update(admin, id, { ...same, workerQueues })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const stored = await db.workerQueue.findMany({ where: { deploymentId: id }, orderBy: { name: "asc" } });
    expect(["a,b", "c,d"]).toContain(stored.map(({ name }) => name).join());
  });
});

describe("a Deployment that GraphQL changes", () => {
  const UPDATE = `mutation ($id: Uuid!, $payload: JSON, $executor: ExecutorType, $scheduler: Scheduler, $dag: DagDeployment) {
    updateDeployment(deploymentUuid: $id, payload: $payload, executor: $executor, scheduler: $scheduler, dagDeployment: $dag) { id } }`;
  const change = async (id: string, values: object) => {
    const { errors } = await as(admin).send(UPDATE, { id, ...values });
    expect(errors).toBeUndefined();
    return (await get(admin, id)).body;
  };

  it("shows the change here", async () => {
    const { id } = await scene();
    expect(await change(id, { payload: { label: "By GraphQL", alertEmails: ["g@example.com"] } })).toMatchObject({
      name: "By GraphQL",
      contactEmails: ["g@example.com"],
      schedulerSize: "SMALL",
    });
  });

  it("has no size that its scheduler no longer has, and is highly available with two schedulers", async () => {
    const { id, same } = await scene();
    const scheduler = { replicas: 3, resources: { limits: { cpu: 700, memory: 1024 } } };
    const changed = await change(id, { scheduler });
    expect(changed).toMatchObject({ isHighAvailability: true, schedulerReplicas: 3, schedulerCpu: "0.7" });
    expect(changed).not.toHaveProperty("schedulerSize");
    const again = await updated(id, { ...same, isHighAvailability: true });
    expect(again).toMatchObject({ schedulerSize: "SMALL", schedulerCpu: "1", schedulerReplicas: 3 });
  });

  it("loses its queues, and ASTRO, with KubernetesExecutor", async () => {
    const { id } = await scene({ executor: "ASTRO" });
    expect(await change(id, { executor: "KubernetesExecutor" })).toMatchObject({
      executor: "KUBERNETES",
      workerQueues: [],
    });
    expect(await change(id, { executor: "CeleryExecutor" })).toMatchObject({ executor: "CELERY" });
  });

  it("keeps its Git repository when it is updated here without DAG deploys", async () => {
    const { id, same } = await scene();
    await change(id, { dag: { type: "git_sync", repositoryUrl: "https://example.com/dags.git" } });
    await updated(id, { ...same, description: "x" });
    const { dagDeployment } = await db.deployment.findUniqueOrThrow({ where: { id } });
    expect(dagDeployment).toMatchObject({ type: "git_sync", repositoryUrl: "https://example.com/dags.git" });
  });

  it("may be updated here if GraphQL created it", async () => {
    const CREATE = `mutation { createDeployment(workspaceUuid: "${workspace.id}", label: "From GraphQL") { id } }`;
    const { data } = await as(admin).send(CREATE);
    const { id } = data.createDeployment;
    const body = { ...unchanged(standard(workspace.id)), name: "From GraphQL" };
    expect(await updated(id, body)).toMatchObject({ type: "STANDARD", schedulerSize: "SMALL", workerQueues: [{}] });
    expect((await create(admin, { ...standard(workspace.id), name: "From GraphQL" })).status).toBe(400);
  });
});

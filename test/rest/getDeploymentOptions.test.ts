import { describe, expect, it } from "vitest";
import { RUNTIME } from "./deploymentNames.ts";
import { deploymentScene } from "./deploymentScene.ts";

const identity = { label: "Reports", role: "arn:aws:iam::1:role/reports" };
const { build, create, created, db, options, standard } = await deploymentScene({
  platformApi: {
    deploymentOptions: {
      workloadIdentityOptions: [
        { ...identity, cloudProvider: "AWS" },
        { label: "Elsewhere", role: "gcp-role", cloudProvider: "GCP" },
      ],
    },
  },
});
const { workspace, admin, outsider } = await build.workspace();

async function listed(query = "") {
  const answer = await options(admin, query);
  expect(answer.status, answer.body.message).toBe(200);
  return answer.body;
}

const standardFor = (fields: object) => ({ ...standard(workspace.id), ...fields });
const namesOf = (list: { name: string }[]) => list.map(({ name }) => name);

/** Creates a Deployment with the fields, and denies it with each of the others. */
async function accepts(fields: object, ...others: object[]) {
  await created(admin, standardFor(fields));
  for (const other of others) {
    const { status, body } = await create(admin, standardFor(other));
    expect({ status, message: body.message }, JSON.stringify(other)).toMatchObject({ status: 400 });
    expect(Object.keys(other).some((name) => body.message.includes(name))).toBe(true);
  }
}

const queue = (fields: object) => ({
  workerQueues: [
    {
      name: "q",
      isDefault: true,
      astroMachine: "A5",
      minWorkerCount: 0,
      maxWorkerCount: 1,
      workerConcurrency: 1,
      ...fields,
    },
  ],
});

describe("getDeploymentOptions", () => {
  it("lists sizes, machines, executors, ranges and versions", async () => {
    const all = await listed();
    expect(all).toMatchObject({
      executors: ["CELERY", "ASTRO", "KUBERNETES"],
      schedulerMachines: [{ name: "SMALL", spec: { cpu: "1", memory: "2Gi" } }, {}, {}, { name: "EXTRA_LARGE" }],
      workerQueues: { minWorkers: { floor: 0 }, maxWorkers: { ceiling: 200 } },
      resourceQuotas: { resourceQuota: { cpu: { floor: "0.25", default: "10", ceiling: "1600" } } },
      workloadIdentityOptions: [identity, { label: "Elsewhere" }],
    });
    expect(namesOf(all.workerMachines)).toEqual(["A5", "A10", "A20", "A40", "A60", "A120", "A160"]);
    expect(all.runtimeReleases.find(({ version }: { version: string }) => version === RUNTIME)).toMatchObject({
      channel: "stable",
      airflowVersion: expect.stringMatching(/^2\./),
      releaseDate: expect.stringMatching(/^20\d\d-.*T.*Z$/),
      stellarDatabaseMigration: false,
    });
  });

  it("lists what createDeployment accepts, and nothing else is accepted", { timeout: 60_000 }, async () => {
    const all = await listed();
    for (const executor of all.executors) await accepts({ executor }, { executor: "LOCAL" });
    for (const schedulerSize of namesOf(all.schedulerMachines)) await accepts({ schedulerSize });
    for (const { name, concurrency } of all.workerMachines) {
      const { floor, ceiling } = concurrency;
      const on = (workerConcurrency: number) => queue({ astroMachine: name, workerConcurrency });
      await accepts(on(floor), on(floor - 1), on(ceiling + 1));
      await accepts(on(ceiling));
    }
    const { minWorkers, maxWorkers } = all.workerQueues;
    const workers = (minWorkerCount: number, maxWorkerCount: number) => queue({ minWorkerCount, maxWorkerCount });
    await accepts(workers(minWorkers.floor, maxWorkers.floor), workers(0, maxWorkers.floor - 1));
    await accepts(workers(minWorkers.ceiling, maxWorkers.ceiling), workers(0, maxWorkers.ceiling + 1));
    const { defaultPodSize: pod, resourceQuota: quota } = all.resourceQuotas;
    for (const end of ["floor", "default", "ceiling"]) {
      await accepts({
        defaultTaskPodCpu: pod.cpu[end],
        defaultTaskPodMemory: pod.memory[end],
        resourceQuotaCpu: quota.cpu[end],
        resourceQuotaMemory: quota.memory[end],
      });
    }
    for (const { version } of [all.runtimeReleases[0], all.runtimeReleases.at(-1)])
      await accepts({ astroRuntimeVersion: version }, { astroRuntimeVersion: "99.0.0" });
    await accepts({ workloadIdentity: identity.role }, { workloadIdentity: "gcp-role" }, { workloadIdentity: "mine" });
  });

  it("is narrowed by deploymentType, executor and cloudProvider", async () => {
    expect(await listed("?deploymentType=HYBRID")).toMatchObject({
      executors: ["CELERY", "KUBERNETES"],
      schedulerMachines: [],
      workerMachines: [],
    });
    expect(await listed("?executor=KUBERNETES")).toMatchObject({ executors: ["KUBERNETES"], workerMachines: [] });
    expect((await listed("?cloudProvider=AWS")).workloadIdentityOptions).toEqual([identity]);
    expect(await options(admin, "?executor=LOCAL")).toMatchObject({
      status: 400,
      body: { message: "executor: must be one of CELERY, KUBERNETES" },
    });
  });

  it("follows the limits of the Deployment, and lists no earlier versions than it runs", async () => {
    const { workspace: small, admin: boss } = await build.workspace();
    const executors = [{ name: "KubernetesExecutor", enabled: false }];
    const components = [{ name: "scheduler", au: { default: 5, limit: 10 }, replicas: { default: 1, limit: 2 } }];
    await db.deploymentsConfigOverride.create({ data: { workspaceId: small.id, config: { executors, components } } });
    const { id } = await created(boss, { ...standard(small.id), astroRuntimeVersion: "3.3-1" });
    const { status, body } = await options(boss, `?deploymentId=${id}`);
    expect({ status, body }).toMatchObject({ status: 200, body: { executors: ["CELERY", "ASTRO"] } });
    expect(namesOf(body.schedulerMachines)).toEqual(["SMALL"]);
    expect(body.runtimeReleases[0].version).toBe("3.3-1");
    const refused = await create(boss, { ...standard(small.id), executor: "KUBERNETES" });
    expect(refused.body.message).toBe("executor: must be an enabled executor: CELERY, ASTRO");
  });

  it("denies a Deployment that the caller cannot see, and an unknown one, in the same words", async () => {
    const { id } = await created(admin, standard(workspace.id));
    const [hidden, unknown] = [await options(outsider, `?deploymentId=${id}`), await options(admin, "?deploymentId=x")];
    expect([hidden.status, unknown.status]).toEqual([403, 403]);
    expect(hidden.body.message).toBe(unknown.body.message);
    expect((await options(undefined)).status).toBe(401);
  });

  it("lists deprecated versions only for those who may choose them", async () => {
    const channels = (await listed()).runtimeReleases.map(({ channel }: { channel: string }) => channel);
    expect(channels).not.toContain("deprecated");
  });
});

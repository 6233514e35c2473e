import { describe, expect, it } from "vitest";
import { RUNTIME } from "../rest/deploymentNames.ts";
import { ORGANIZATION } from "../rest/examples.ts";
import { outcomeOf } from "../support/outcome.ts";
import { provisionedHouston } from "../support/provisioned.ts";
import { createRest } from "../support/restCalls.ts";
import { onAirflow } from "../support/versions.ts";

const deployments = { dagOnlyDeployment: true, gitSyncDagDeployment: true };
const apache = await provisionedHouston({ deployments });
const astronomer = await provisionedHouston({ deployments, flux: { profile: "astronomer" } });

const UPDATE = `mutation ($id: Uuid!, $dagDeployment: DagDeployment, $payload: JSON) {
  updateDeployment(deploymentUuid: $id, dagDeployment: $dagDeployment, payload: $payload) { label }
}`;
const SERVER = { type: "dag_deploy" };
const git = { type: "git_sync", repositoryUrl: "https://git.example.com/dags.git" };
const WEBHOOK = { ...git, gitSyncRepoFetchMode: "Webhook" };

describe("a way of delivering DAGs that the chart does not have", () => {
  it.each([
    [SERVER, "dagDeployment.type: dag_deploy is not available: the chart has no server for DAGs"],
    [WEBHOOK, "dagDeployment.gitSyncRepoFetchMode: webhook is not available: the chart has no receiver"],
  ])("is refused, and the Deployment stays as it is: %j", async (dagDeployment, message) => {
    const { owner, workspace, create, db } = apache;
    const CREATE = `mutation ($workspaceUuid: Uuid!, $dagDeployment: DagDeployment) {
      createDeployment(workspaceUuid: $workspaceUuid, label: "Refused", airflowVersion: "2.11.0", dagDeployment: $dagDeployment) { id }
    }`;
    const refused = await owner.send(CREATE, { workspaceUuid: workspace.id, dagDeployment });
    expect(refused.errors?.[0]?.message).toContain(message);
    expect(await db.deployment.count({ where: { label: "Refused" } })).toBe(0);

    const made = await create();
    const { id } = made;
    const before = await apache.applied(made);
    const { errors } = await owner.send(UPDATE, { id, dagDeployment });
    expect(errors?.[0]).toMatchObject({ message: expect.stringContaining(message) });
    expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
    expect(await db.deployment.findUniqueOrThrow({ where: { id } })).toEqual(before);
  });

  it.each([SERVER, WEBHOOK])("does not block other changes of a Deployment that has it: %j", async (dagDeployment) => {
    const { build, as } = apache;
    const { deployment, admin } = await build.deployment({ ...onAirflow("2.11.0"), dagDeployment });
    const change = (given: object) => as(admin).send(UPDATE, { id: deployment.id, ...given });
    expect(outcomeOf(await change({ dagDeployment, payload: { label: "Renamed" } }))).toBe("ok");
    const other = dagDeployment === SERVER ? WEBHOOK : SERVER;
    expect(outcomeOf(await change({ dagDeployment: other }))).toMatch(/^BAD_USER_INPUT dagDeployment\./);
    expect(outcomeOf(await change({ dagDeployment: { ...git, gitSyncRepoFetchMode: "poll" } }))).toBe("ok");
    expect(outcomeOf(await change({ dagDeployment }))).toMatch(/^BAD_USER_INPUT dagDeployment\./);
  });

  it("can be stored for a Deployment that Houston does not run", async () => {
    const { build, as } = apache;
    const { deployment, admin } = await build.deployment({ adoptedAt: new Date(), adoption: {} });
    const change = (dagDeployment: object) => as(admin).send(UPDATE, { id: deployment.id, dagDeployment });
    for (const way of [SERVER, WEBHOOK]) expect(outcomeOf(await change(way))).toBe("ok");
  });

  it("is a server with Astronomer's chart, which has one", async () => {
    const { owner, create } = astronomer;
    const { id } = await create();
    expect(outcomeOf(await owner.send(UPDATE, { id, dagDeployment: SERVER }))).toBe("ok");
  });

  it("is not among the features of the platform", async () => {
    const features = async ({ owner }: typeof apache) =>
      (await owner.send("{ appConfig { featureFlags } }")).data.appConfig.featureFlags;
    expect(await features(apache)).toMatchObject({ dagOnlyDeployment: false, gitSyncDagDeployment: true });
    expect(await features(astronomer)).toMatchObject({ dagOnlyDeployment: true });
  });

  it("is refused in the Platform API by the name of its field", async () => {
    const { url, workspace, build } = apache;
    const answer = await createRest(url)(await build.systemAdmin()).post(`/organizations/${ORGANIZATION}/deployments`, {
      ...requestFor(workspace.id),
      isDagDeployEnabled: true,
    });
    expect(answer).toMatchObject({ status: 400, body: { message: expect.stringMatching(/^isDagDeployEnabled: /) } });
  });
});

const requestFor = (workspaceId: string) => ({
  ...{ type: "STANDARD", name: "Requested", workspaceId, astroRuntimeVersion: RUNTIME, executor: "CELERY" },
  ...{ isCicdEnforced: false, isDagDeployEnabled: false, isHighAvailability: false, schedulerSize: "SMALL" },
});

describe("worker queues", () => {
  const queue = (name: string) => ({
    ...{ name, isDefault: name === "default", astroMachine: "A5" },
    ...{ minWorkerCount: 1, maxWorkerCount: 10, workerConcurrency: 10 },
  });

  it("are one with Astronomer's chart, unless a Deployment has several already", async () => {
    const { url, workspace, build, db } = astronomer;
    const { post } = createRest(url)(await build.systemAdmin());
    const path = `/organizations/${ORGANIZATION}/deployments`;
    const body = requestFor(workspace.id);
    const { astroRuntimeVersion: _version, ...unchanged } = { ...body, environmentVariables: [] };
    const workerQueues = [queue("default"), queue("second")];
    const refusal = {
      status: 400,
      body: { message: expect.stringMatching(/^workerQueues: must contain only one queue/) },
    };
    expect(await post(path, { ...body, workerQueues })).toMatchObject(refusal);
    expect(await db.deployment.count({ where: { label: body.name } })).toBe(0);

    const made = await post(path, { ...body, workerQueues: [queue("default")] });
    expect(made.status, made.body.message).toBe(200);
    const { id } = made.body;
    expect(await post(`${path}/${id}`, { ...unchanged, workerQueues })).toMatchObject(refusal);
    await db.workerQueue.create({ data: { ...queue("second"), deploymentId: id } });
    const renamed = await post(`${path}/${id}`, { ...unchanged, name: "Renamed", workerQueues });
    expect(renamed.status, renamed.body.message).toBe(200);
    expect(
      await post(`${path}/${id}`, { ...unchanged, workerQueues: [...workerQueues, queue("third")] }),
    ).toMatchObject(refusal);
  });
});

import { describe, expect, it, onTestFinished, vi } from "vitest";
import { addJob } from "../../src/platform/jobs/addJob.ts";
import { secretBox, UnreadableSecret } from "../../src/platform/secrets/secretBox.ts";
import { PROVISION, queuedAs } from "../../src/services/provisioning/jobs/provisionJob.ts";
import { storeProblem } from "../../src/services/provisioning/reconcile/problem.ts";
import { releaseKeysOf } from "../../src/services/provisioning/reconcile/releaseKeys.ts";
import { sendJson, sendStatus } from "../support/kubernetesServer.ts";
import { HELM_RELEASES, type Named, provisionedHouston } from "../support/provisioned.ts";
import { onAirflow } from "../support/versions.ts";

const houston = await provisionedHouston({ deployments: { hardDeleteDeployment: true } });
const { cluster, owner, system, db, create, release, namespace, settled } = houston;

const { store } = cluster;

const DELETE = `mutation ($id: Uuid!) { deleteDeployment(deploymentUuid: $id, deploymentHardDelete: true) { id } }`;
const RECONCILE = `mutation ($name: String!) { reconcileDeployment(releaseName: $name) }`;
const DESCRIBE = `mutation ($id: Uuid!, $description: String) {
  updateDeployment(deploymentUuid: $id, payload: { description: $description }) { id }
}`;
/** A change that changes nothing on the cluster. */
const describeAs = ({ id }: Named, description: string) => owner.send(DESCRIBE, { id, description });
const reconcile = ({ releaseName: name }: Named) => system.send(RECONCILE, { name });
const stateOf = ({ id }: Named) =>
  db.deployment.findUniqueOrThrow({ where: { id }, select: { status: true, statusReason: true } });

/** Makes the cluster refuse to store Secrets, until `intercept` is undefined again. */
const refuseSecrets = (status: number, reason: string, message: string) => {
  cluster.intercept = ({ method, url }, response) => {
    if (method !== "PATCH" || !url.pathname.includes("/secrets/")) return false;
    sendStatus(response, status, reason, message, { name: "some" });
    return true;
  };
};

describe("what was never applied completely", () => {
  it("leaves no namespace behind", async () => {
    refuseSecrets(422, "Invalid", "data: Too long: may not be more than 1048576 bytes");
    const made = await create();
    await settled();
    expect(namespace(made)).toBeDefined();
    expect((await owner.send(DELETE, { id: made.id })).errors).toBeUndefined();
    for (let round = 0; round < 2; round += 1) await houston.hurry();
    cluster.intercept = undefined;
    expect(namespace(made)).toBeUndefined();
    expect(await db.provision.findUnique({ where: { id: made.id } })).toBeNull();
  });
});

describe("what could not be applied completely again", () => {
  it("is removed with its Deployment", async () => {
    const made = await create();
    await settled();
    await remove(made);
    expect(release(made)).toBeUndefined();
    await db.deployment.update({ where: { id: made.id }, data: { deletedAt: null } });
    cluster.intercept = ({ method, headers }, response) => {
      if (method !== "PATCH" || headers["content-type"] !== "application/merge-patch+json") return false;
      sendStatus(response, 500, "InternalError", "no leader");
      return true;
    };
    await reconcile(made);
    await settled();
    cluster.intercept = undefined;
    expect(release(made)).toBeDefined();
    await remove(made);
    expect(release(made)).toBeUndefined();
    expect(await db.provision.findUnique({ where: { id: made.id } })).toMatchObject({ removedAt: expect.any(Date) });
  });

  it("is no problem any more once its Deployment is deleted", async () => {
    const made = await create();
    await settled();
    await remove(made);
    await db.deployment.update({ where: { id: made.id }, data: { deletedAt: null, ...onAirflow("2.10.5") } });
    await reconcile(made);
    await settled();
    expect(await stateOf(made)).toMatchObject({ status: "UNHEALTHY" });
    await remove(made);
    const row = await db.provision.findUnique({ where: { id: made.id } });
    expect(row).toMatchObject({ problem: null, problemSince: null, removedAt: expect.any(Date) });
  });

  async function remove({ id }: Named) {
    const SOFT = `mutation ($id: Uuid!) { deleteDeployment(deploymentUuid: $id) { id } }`;
    expect((await owner.send(SOFT, { id })).errors).toBeUndefined();
    await houston.hurry();
  }
});

describe("the reason", () => {
  it("says that a namespace is missing", async () => {
    refuseSecrets(404, "NotFound", `namespaces "team" not found`);
    const made = await create();
    await settled();
    cluster.intercept = undefined;
    expect(await stateOf(made)).toEqual({
      status: "UNHEALTHY",
      statusReason: `The cluster refused it: namespaces "team" not found`,
    });
  });

  it("is stored whatever the cluster says", async () => {
    refuseSecrets(403, "Forbidden", "not\u0000 allowed\n");
    const made = await create();
    await settled();
    cluster.intercept = undefined;
    expect(await stateOf(made)).toEqual({
      status: "UNHEALTHY",
      statusReason: "The cluster refused it: not allowed",
    });
  });

  it("is one problem for as long as it lasts, however often it is tried again", async () => {
    refuseSecrets(403, "Forbidden", "quota");
    const made = await create();
    await settled();
    const row = () => db.provision.findUniqueOrThrow({ where: { id: made.id } });
    expect(await row()).toMatchObject({ problem: "The cluster refused it: quota", problemSince: expect.any(Date) });
    const problemSince = new Date("2026-01-01");
    await db.provision.update({ where: { id: made.id }, data: { problemSince } });
    refuseSecrets(403, "Forbidden", "still no quota");
    await reconcile(made);
    await settled();
    expect(await row()).toMatchObject({ problem: "The cluster refused it: still no quota", problemSince });
    cluster.intercept = undefined;
    await reconcile(made);
    await settled();
    expect(await row()).toMatchObject({ problem: null, problemSince: null });
  });

  it("goes when the same state could be applied again, also while Flux has not answered the last request", async () => {
    const made = await create();
    await settled();
    const reason = "Flux has not reported a status yet";
    await expect.poll(() => stateOf(made)).toEqual({ status: "UNKNOWN", statusReason: reason });
    for (let round = 0; round < 2; round += 1) {
      refuseSecrets(403, "Forbidden", "no more");
      expect((await describeAs(made, `${round}`)).errors).toBeUndefined();
      await settled();
      expect(await stateOf(made)).toEqual({ status: "UNHEALTHY", statusReason: "The cluster refused it: no more" });
      cluster.intercept = undefined;
      await houston.hurry();
      expect(release(made)?.metadata.generation).toBe(1);
      await expect.poll(() => stateOf(made)).toEqual({ status: "UNKNOWN", statusReason: reason });
    }
  });

  it("stays if the watch is about to store a status when it is found", async () => {
    const made = await create();
    await settled();
    await expect.poll(() => stateOf(made)).toMatchObject({ status: "UNKNOWN" });
    const waiting = () => db.$queryRaw`SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%AS t(owner, status, reason%'`;
    await db.$transaction(async (tx) => {
      const SEEN = { status: { observedGeneration: 1 } };
      await storeProblem({ db: tx }, made.id, "Something is wrong");
      store.patch({ kind: HELM_RELEASES, namespace: made.namespace, name: made.releaseName }, SEEN);
      await expect.poll(waiting).toHaveLength(1);
    });
    await expect.poll(async () => (await waiting()) as []).toHaveLength(0);
    expect(await stateOf(made)).toEqual({ status: "UNHEALTHY", statusReason: "Something is wrong" });
  });

  it("stays if it is found again while the watch stores a status", async () => {
    const made = await create();
    await settled();
    await expect.poll(() => stateOf(made)).toMatchObject({ status: "UNKNOWN" });
    const problem = "Something is wrong";
    await storeProblem({ db }, made.id, problem);
    // As when it is applied again.
    await db.provision.update({ where: { id: made.id }, data: { problem: null } });
    const waiting = () => db.$queryRaw`SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%coalesce("problemSince"%'`;
    let found: Promise<void> | undefined;
    await db.$transaction(async (tx) => {
      // As the watch does.
      await tx.$queryRaw`SELECT FROM "Provision" WHERE id = ${made.id} FOR SHARE`;
      await tx.deployment.update({ where: { id: made.id }, data: { status: "HEALTHY", statusReason: null } });
      found = storeProblem({ db }, made.id, problem);
      await expect.poll(waiting).toHaveLength(1);
    });
    await found;
    expect(await stateOf(made)).toEqual({ status: "UNHEALTHY", statusReason: problem });
  });

  it("says that variables are too long together, without reading them", async () => {
    const made = await create();
    await settled();
    const value = "x".repeat(64 * 1024);
    await db.environmentVariable.createMany({
      // Whoever reads them fails: they are not encrypted.
      data: Array.from({ length: 40 }, (_, n) => ({ deploymentId: made.id, key: `V${n}`, value, isSecret: true })),
    });
    await reconcile(made);
    await settled();
    expect(await stateOf(made)).toEqual({
      status: "UNHEALTHY",
      statusReason: "The environment variables are too long: Kubernetes takes 1 MiB of them together",
    });
    expect((await owner.send(DELETE, { id: made.id })).errors).toBeUndefined();
    for (let round = 0; round < 2; round += 1) await houston.hurry();
    expect(namespace(made)).toBeUndefined();
  });
});

describe("a failure that may pass", () => {
  const { app } = houston;
  const problemIn = async ({ id }: Named) => (await db.provision.findUniqueOrThrow({ where: { id } })).problem;

  it.each([
    [401, "Unauthorized"],
    [409, "Conflict"],
    [410, "Expired"],
    [429, "TooManyRequests"],
    [500, "InternalError"],
    [503, "ServiceUnavailable"],
  ])("is told once it has lasted for three attempts: status %i", async (status, reason) => {
    refuseSecrets(status, reason, "etcdserver: no leader");
    const made = await create();
    await houston.settledWithoutRetry();
    await houston.hurry();
    expect([await problemIn(made), (await stateOf(made)).status]).toEqual([null, "UNKNOWN"]);
    await houston.hurry();
    const problem = "The cluster answered: etcdserver: no leader";
    expect(await problemIn(made)).toBe(problem);
    expect(await stateOf(made)).toEqual({ status: "UNHEALTHY", statusReason: problem });
    // As a new job, whose first attempt it is.
    await reconcile(made);
    await settled();
    expect(await problemIn(made)).toBe(problem);
    cluster.intercept = undefined;
    await houston.hurry();
    expect(await db.provision.findUnique({ where: { id: made.id } })).toMatchObject({
      problem: null,
      problemSince: null,
      appliedRevision: 1,
    });
    await expect.poll(() => stateOf(made)).toMatchObject({ statusReason: "Flux has not reported a status yet" });
  });

  it.each<[string, (made: Named, value: string) => Promise<unknown>]>([
    ["the keys of a release", ({ id }, keys) => db.provision.update({ where: { id }, data: { keys } })],
    [
      "a variable",
      ({ id: deploymentId }, value) =>
        db.environmentVariable.create({ data: { deploymentId, key: "SECRET", value, isSecret: true } }),
    ],
    ["a kubeconfig", (_, kubeconfig) => db.cluster.updateMany({ where: { isDefault: true }, data: { kubeconfig } })],
  ])("names the setting if %s cannot be decrypted", async (_, store) => {
    const error = vi.spyOn(app.services.log, "error");
    onTestFinished(() => error.mockRestore());
    const made = await create();
    await settled();
    const { keys } = await db.provision.findUniqueOrThrow({ where: { id: made.id } });
    await store(made, secretBox(["a".repeat(64)]).seal("x", "x"));
    await reconcile(made);
    await settled();
    for (let round = 0; round < 2; round += 1) await houston.hurry();
    const problem =
      "A secret cannot be decrypted: no key in encryption.keys fits; Houston's log says which secret it is";
    expect(await problemIn(made)).toBe(problem);
    expect(await stateOf(made)).toEqual({ status: "UNHEALTHY", statusReason: problem });
    const logged = { deployment: made.id, err: expect.any(UnreadableSecret) };
    expect(error).toHaveBeenCalledWith(logged, "Could not apply a Deployment");
    await db.cluster.updateMany({ where: { isDefault: true }, data: { kubeconfig: null } });
    await db.provision.update({ where: { id: made.id }, data: { keys } });
    await db.environmentVariable.deleteMany({ where: { deploymentId: made.id } });
    await houston.hurry();
    expect(await problemIn(made)).toBeNull();
  });

  it("is logged at each attempt, without a stack trace if its message says it all", async () => {
    const error = vi.spyOn(app.services.log, "error");
    onTestFinished(() => error.mockRestore());
    const made = await create();
    await settled();
    const { database } = app.services.config.deployments;
    const { host, port } = database.connection;
    onTestFinished(() => void Object.assign(database.connection, { port }));
    const fail = async () => {
      error.mockClear();
      await reconcile(made);
      await houston.settledWithoutRetry();
      return error.mock.calls.map(([, message]) => String(message).replace(/^Failed task .* with error/, ""));
    };
    refuseSecrets(503, "ServiceUnavailable", "no leader");
    expect(await fail()).toEqual([" 'no leader'"]);
    cluster.intercept = undefined;
    database.connection.port = 1;
    const refused = `The database server of Deployments, ${host}:1 (deployments.database.connection), cannot be used: it refuses connections`;
    expect(await fail()).toEqual([` '${refused}'`]);
    const clientFor = vi.spyOn(app.services.connections, "clientFor").mockRejectedValue(new Error("no"));
    expect(await fail()).toContainEqual(expect.stringMatching(/^ 'no':\n {2}Error: no\n {6}at /));
    clientFor.mockRestore();
    database.connection.port = port;
    await houston.hurry();
  });

  it("refers to the log if it is none that Houston knows", async () => {
    const error = vi.spyOn(app.services.log, "error");
    onTestFinished(() => error.mockRestore());
    const made = await create();
    await settled();
    const { keys } = await db.provision.findUniqueOrThrow({ where: { id: made.id } });
    await db.provision.update({
      where: { id: made.id },
      data: { keys: app.services.secrets.seal("no JSON", releaseKeysOf(made.id)) },
    });
    await reconcile(made);
    await settled();
    expect(await problemIn(made)).toBeNull();
    for (let round = 0; round < 2; round += 1) await houston.hurry();
    const problem = "Houston failed to apply it; its log says why";
    expect(await stateOf(made)).toEqual({ status: "UNHEALTHY", statusReason: problem });
    const logged = { deployment: made.id, err: expect.any(SyntaxError) };
    expect(error).toHaveBeenCalledWith(logged, "Could not apply a Deployment");
    await db.provision.update({ where: { id: made.id }, data: { keys } });
    await houston.hurry();
    expect(await problemIn(made)).toBeNull();
  });

  it("does not change that the status is unknown while the cluster is out of reach", async () => {
    const there = await provisionedHouston({ kubernetes: { lostAfter: 300 } });
    const made = await there.create();
    await there.settled();
    const state = () => there.db.deployment.findUniqueOrThrow({ where: { id: made.id } });
    const provision = () => there.db.provision.findUniqueOrThrow({ where: { id: made.id } });
    const lost = { status: "UNKNOWN", statusReason: expect.stringContaining("out of reach") };
    there.cluster.intercept = (_, response) => {
      sendStatus(response, 503, "ServiceUnavailable", "no upstream");
      return true;
    };
    await expect.poll(state).toMatchObject(lost);
    await there.system.send(RECONCILE, { name: made.releaseName });
    await there.settled();
    for (let round = 0; round < 2; round += 1) await there.hurry();
    const problem = "The cluster answered: no upstream";
    expect(await provision()).toMatchObject({ problem });
    expect(await state()).toMatchObject(lost);
    there.cluster.intercept = undefined;
    await expect.poll(provision).toMatchObject({ problem: null });
  });

  it("of a removal is told too", async () => {
    const made = await create();
    await settled();
    const failure = new Error("no");
    const clientFor = vi.spyOn(app.services.connections, "clientFor").mockRejectedValue(failure);
    onTestFinished(() => clientFor.mockRestore());
    expect((await owner.send(DELETE, { id: made.id })).errors).toBeUndefined();
    for (let round = 0; round < 3; round += 1) await houston.hurry();
    expect(await problemIn(made)).toBe("Houston failed to remove it; its log says why");
  });

  it("of a removal is told too while another Deployment waits for the name", async () => {
    const made = await create();
    await settled();
    cluster.intercept = ({ method }, response) => {
      if (method !== "DELETE") return false;
      sendStatus(response, 503, "ServiceUnavailable", "no leader");
      return true;
    };
    expect((await owner.send(DELETE, { id: made.id })).errors).toBeUndefined();
    await settled();
    const { id: workspaceId } = houston.workspace;
    const names = { releaseName: made.releaseName, namespace: made.namespace };
    const { deployment } = await houston.build.deployment({ workspaceId, ...names, airflowVersion: "2.11.0" });
    await addJob(db, PROVISION, { deploymentId: deployment.id }, queuedAs(deployment.id));
    await settled();
    for (let round = 0; round < 5; round += 1) await houston.hurry();
    cluster.intercept = undefined;
    expect(await problemIn(made)).toBe("The cluster answered: no leader");
    for (let round = 0; round < 4; round += 1) await houston.hurry();
    expect(await db.provision.findUnique({ where: { id: deployment.id } })).toMatchObject({ appliedRevision: 1 });
  });
});

describe("a namespace", () => {
  it("that does not go is a problem after a minute, with what Kubernetes says about it", async () => {
    const made = await create();
    await settled();
    const place = { kind: "/api/v1/namespaces", name: made.namespace };
    const stuck = "Some content in the namespace has finalizers remaining: example.com/stuck in 1 resource instances";
    cluster.store.patch(place, {
      metadata: { finalizers: ["kubernetes"] },
      status: {
        conditions: [
          { type: "NamespaceDeletionContentFailure", status: "False", message: "All content successfully deleted" },
          { type: "NamespaceFinalizersRemaining", status: "True", message: stuck },
        ],
      },
    });
    expect((await owner.send(DELETE, { id: made.id })).errors).toBeUndefined();
    await houston.hurry();
    const problem = async () => (await db.provision.findUnique({ where: { id: made.id } }))?.problem;
    expect(await problem()).toBeNull();
    const deletionTimestamp = new Date(Date.now() - 61_000).toISOString();
    cluster.store.patch(place, { metadata: { deletionTimestamp } });
    await houston.hurry();
    expect(await problem()).toBe(`The namespace cannot be removed: ${stuck}`);
    cluster.store.patch(place, { metadata: { finalizers: [] } });
    await houston.hurry();
    expect(await db.provision.findUnique({ where: { id: made.id } })).toBeNull();
  });
});

describe("a request that comes while a job finds out that it must wait", () => {
  it("is neither delayed nor forgotten", async () => {
    const made = await create();
    await settled();
    const place = {
      kind: "/apis/helm.toolkit.fluxcd.io/v2/helmreleases",
      namespace: made.namespace,
      name: made.releaseName,
    };
    cluster.store.patch(place, { metadata: { finalizers: ["finalizers.fluxcd.io"] } });
    let requested = false;
    cluster.intercept = ({ method, url }, response) => {
      if (requested || method !== "GET" || !url.pathname.endsWith(`/helmreleases/${made.releaseName}`)) return false;
      requested = true;
      void reconcile(made).then(() => sendJson(response, 200, release(made)));
      return true;
    };
    expect((await owner.send(DELETE, { id: made.id })).errors).toBeUndefined();
    await settled();
    cluster.intercept = undefined;
    expect(requested).toBe(true);
    expect(release(made)?.metadata.annotations?.["reconcile.fluxcd.io/forceAt"]).toBeDefined();
  });
});

describe("a request to try again", () => {
  const forced = (made: Named) => release(made)?.metadata.annotations?.["reconcile.fluxcd.io/forceAt"];

  it("is not forgotten when the Deployment changes before its job runs", async () => {
    const made = await create();
    await settled();
    const isAsked = Promise.withResolvers<void>();
    const isChanged = Promise.withResolvers<void>();
    cluster.intercept = ({ method, url }, response) => {
      if (method !== "PATCH" || !url.pathname.endsWith(`/helmreleases/${made.releaseName}`)) return false;
      cluster.intercept = undefined;
      isAsked.resolve();
      void isChanged.promise.then(() => sendJson(response, 200, release(made)));
      return true;
    };
    await describeAs(made, "one");
    await isAsked.promise;
    expect((await reconcile(made)).errors).toBeUndefined();
    expect((await describeAs(made, "two")).errors).toBeUndefined();
    isChanged.resolve();
    await settled();
    expect(forced(made)).toBeDefined();
  });

  it("takes the place of a job that failed, which would end the correction of what others changed", async () => {
    const made = await create();
    await settled();
    refuseSecrets(500, "InternalError", "no leader");
    await describeAs(made, "one");
    await settled();
    cluster.intercept = undefined;
    await reconcile(made);
    await settled();
    await houston.hurry();
    expect(release(made)?.spec?.driftDetection).toMatchObject({ mode: "enabled" });
  });

  it("is not forgotten while the cluster has no connection", async () => {
    const made = await create();
    await settled();
    const clientFor = vi.spyOn(houston.app.services.connections, "clientFor").mockResolvedValue(undefined);
    onTestFinished(() => clientFor.mockRestore());
    await reconcile(made);
    await settled();
    expect(await stateOf(made)).toMatchObject({ statusReason: "Houston has no connection to the cluster" });
    clientFor.mockRestore();
    await houston.hurry();
    expect(forced(made)).toBeDefined();
  });
});

const RETRY = { strategy: { name: "RetryOnFailure" } };
const ROLLBACK = { strategy: { name: "RemediateOnFailure" } };

describe("an upgrade", () => {
  it("after that to another Airflow version is tried again until that version has run", async () => {
    const made = await create();
    await settled();
    const place = {
      kind: "/apis/helm.toolkit.fluxcd.io/v2/helmreleases",
      namespace: made.namespace,
      name: made.releaseName,
    };
    const report = (status: "True" | "False") => {
      const generation = release(made)?.metadata.generation;
      const conditions = [{ type: "Ready", status, reason: "x", message: "" }];
      cluster.store.patch(place, {
        status: { observedGeneration: generation, lastAttemptedGeneration: generation, conditions },
      });
    };
    const change = async (data: object) => {
      await db.deployment.update({ where: { id: made.id }, data });
      await reconcile(made);
      await settled();
      return release(made)?.spec?.upgrade;
    };
    report("True");
    expect(await change({ image: "own:1" })).toMatchObject(ROLLBACK);
    report("True");
    expect(await change({ image: "own:2", airflowVersion: "3.2.0" })).toMatchObject(RETRY);
    report("False");
    expect(await change({ image: "own:3" })).toMatchObject(RETRY);
    report("True");
    expect(await change({ image: "own:4" })).toMatchObject(ROLLBACK);
  });
});

import pg from "pg";
import { describe, expect, inject, it } from "vitest";
import { KubernetesError } from "../../src/platform/kubernetes/kubernetes.ts";
import { databaseNameOf } from "../../src/services/provisioning/databases/releaseDatabase.ts";
import { addAllJobs } from "../../src/services/provisioning/jobs/addAllJobs.ts";
import { isSilence } from "../../src/services/provisioning/reconcile/failure.ts";
import { createOutages } from "../../src/services/provisioning/reconcile/outages.ts";
import { reconcile } from "../../src/services/provisioning/reconcile/reconcile.ts";
import { Waiting } from "../../src/services/provisioning/reconcile/waiting.ts";
import { sendStatus } from "../support/kubernetesServer.ts";
import { HELM_RELEASES, type Named, provisionedHouston } from "../support/provisioned.ts";
import { onAirflow } from "../support/versions.ts";

const houston = await provisionedHouston({
  deployments: { hardDeleteDeployment: true, enableUpdateDeploymentImageEndpoint: true },
});
const { cluster, owner, system, db, create, release, secrets, secret, namespace, settled } = houston;
const { store } = cluster;

const decoded = (object: ReturnType<typeof secret>, key: string) =>
  Buffer.from(object?.data?.[key] ?? "", "base64").toString();
const namesIn = (deployment: Named) =>
  secrets(deployment)
    .map(({ metadata }) => metadata.name)
    .sort();
const rowOf = (id: string) => db.provision.findUnique({ where: { id } });

const UPDATE = `mutation ($id: Uuid!, $payload: JSON, $executor: ExecutorType) {
  updateDeployment(deploymentUuid: $id, payload: $payload, executor: $executor) { id }
}`;
const VARIABLES = `mutation ($id: Uuid!, $releaseName: String!, $variables: [InputEnvironmentVariable!]!) {
  updateDeploymentVariables(deploymentUuid: $id, releaseName: $releaseName, environmentVariables: $variables) { key }
}`;
const RECONCILE = `mutation ($name: String!) { reconcileDeployment(releaseName: $name) }`;
const DELETE = `mutation ($id: Uuid!, $hard: Boolean) {
  deleteDeployment(deploymentUuid: $id, deploymentHardDelete: $hard) { id }
}`;
const STATUS = `query ($workspace: Uuid, $releaseName: String) {
  workspaceDeployments(workspaceUuid: $workspace, releaseName: $releaseName) { deploymentStatus { status statusReason } }
}`;

async function ok(caller: typeof owner, document: string, variables: object) {
  const { data, errors } = await caller.send(document, { ...variables });
  expect(errors).toBeUndefined();
  return data;
}

/** What helm-controller does before it has uninstalled a release. */
const hold = (deployment: Named) => finalizers(deployment, ["finalizers.fluxcd.io"]);
const letGo = (deployment: Named) => finalizers(deployment, []);
const finalizers = ({ namespace: at, releaseName: name }: Named, list: string[]) =>
  store.patch({ kind: HELM_RELEASES, namespace: at, name }, { metadata: { finalizers: list } });

describe("a new Deployment", () => {
  it("gets a namespace, then Secrets, then a HelmRelease, all labelled as its own", async () => {
    const made = await create();
    await settled();
    const own = { "app.kubernetes.io/managed-by": "houston", "houston/deployment": made.id };
    const all = [namespace(made), ...secrets(made), release(made)];
    expect(all.length).toBeGreaterThan(8);
    for (const object of all) expect(object?.metadata.labels).toMatchObject(own);
    const applied = cluster.requests.filter(
      ({ method, url }) => method === "PATCH" && url.pathname.includes(made.releaseName),
    );
    const kinds = applied.map(({ body }) => body.kind);
    expect([kinds[0], kinds.at(-1)]).toEqual(["Namespace", "HelmRelease"]);
    expect(new Set(kinds.slice(1, -1))).toEqual(new Set(["Secret"]));
    expect(release(made)?.metadata.annotations?.["houston/desired-revision"]).toBe("1");
    expect(await rowOf(made.id)).toMatchObject({ revision: 1, appliedRevision: 1, problem: null, ownsNamespace: true });
  });

  it("gets a database of its own that only it may use", async () => {
    const made = await create();
    await settled();
    const url = decoded(secret(made, "houston-metadata"), "connection");
    const client = new pg.Client(url.replace("sslmode=prefer", ""));
    await client.connect();
    const { rows } = await client.query("SELECT current_database() AS database, current_user AS user");
    const name = databaseNameOf(made.releaseName);
    expect(rows).toEqual([{ database: name, user: name }]);
    await client.query("CREATE TABLE log (id int)");
    await client.end();
    const other = await create();
    await settled();
    const foreign = new URL(decoded(secret(other, "houston-metadata"), "connection"));
    foreign.pathname = `/${name}`;
    foreign.search = "";
    await expect(new pg.Client(foreign.href).connect()).rejects.toThrow(/permission denied for database/);
  });

  it("keeps its generated keys when it changes, and shows them nowhere", async () => {
    const made = await create();
    await settled();
    const before = ["houston-fernet", "houston-webserver", "houston-jwt", "houston-redis"].map(
      (name) => secret(made, name)?.data,
    );
    expect(decoded(secret(made, "houston-fernet"), "fernet-key")).toMatch(/^[\w-]{43}=$/);
    await ok(owner, VARIABLES, { ...made, variables: [{ key: "A", value: "1", isSecret: false }] });
    await settled();
    expect(release(made)?.metadata.annotations?.["houston/desired-revision"]).toBe("2");
    const after = ["houston-fernet", "houston-webserver", "houston-jwt", "houston-redis"].map(
      (name) => secret(made, name)?.data,
    );
    expect(after).toEqual(before);
    const stored = JSON.stringify(await rowOf(made.id));
    expect(stored).not.toContain(decoded(secret(made, "houston-fernet"), "fernet-key"));
  });

  it("is not applied while a transaction is open", async () => {
    const open: unknown[] = [];
    cluster.intercept = () => {
      void db.$queryRaw<unknown[]>`SELECT query FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'idle in transaction' AND query NOT LIKE '%_private_jobs%'`.then(
        (rows) => open.push(...rows),
      );
      return false;
    };
    await create();
    await settled();
    cluster.intercept = undefined;
    expect(open).toEqual([]);
  });
});

describe("a change", () => {
  it("of variables arrives: plain ones in the values, secret ones in a Secret", async () => {
    const made = await create();
    const variables = [
      { key: "PLAIN", value: "visible", isSecret: false },
      { key: "HIDDEN", value: "canary-value", isSecret: true },
    ];
    await ok(owner, VARIABLES, { ...made, variables });
    await settled();
    const values = decoded(secret(made, "values"), "values.yaml");
    expect(values).toContain("visible");
    expect(values).not.toContain("canary-value");
    expect(decoded(secret(made, "houston-environment"), "HIDDEN")).toBe("canary-value");
  });

  it("of the executor removes the Secrets that are no longer needed", async () => {
    const made = await create({ executor: "CeleryExecutor" });
    await settled();
    expect(namesIn(made)).toContain(`${made.releaseName}-houston-broker`);
    await ok(owner, UPDATE, { id: made.id, executor: "KubernetesExecutor", payload: {} });
    await settled();
    expect(namesIn(made)).not.toContain(`${made.releaseName}-houston-broker`);
    expect(namesIn(made)).toContain(`${made.releaseName}-houston-fernet`);
  });

  it("of the image is rolled back if it fails, one of the Airflow version is tried again", async () => {
    const made = await create();
    await settled();
    const upgrade = () => release(made)?.spec?.upgrade as { strategy: { name: string } };
    expect(upgrade().strategy.name).toBe("RetryOnFailure");
    const conditions = [{ type: "Ready", status: "True", reason: "InstallSucceeded", message: "" }];
    store.patch(
      { kind: HELM_RELEASES, namespace: made.namespace, name: made.releaseName },
      { status: { observedGeneration: 1, lastAttemptedGeneration: 1, conditions } },
    );
    await db.deployment.update({ where: { id: made.id }, data: { image: "registry.example.com/own:1" } });
    await ok(system, `mutation ($name: String!) { reconcileDeployment(releaseName: $name) }`, {
      name: made.releaseName,
    });
    await settled();
    expect(upgrade().strategy.name).toBe("RemediateOnFailure");
    await db.deployment.update({
      where: { id: made.id },
      data: { airflowVersion: "3.2.0", image: "registry.example.com/own:2" },
    });
    await ok(system, `mutation ($name: String!) { reconcileDeployment(releaseName: $name) }`, {
      name: made.releaseName,
    });
    await settled();
    expect(upgrade().strategy.name).toBe("RetryOnFailure");
  });

  it("without an effect keeps the revision, however often it is applied", async () => {
    const made = await create();
    await settled();
    const version = release(made)?.metadata.resourceVersion;
    for (let run = 0; run < 3; run += 1) {
      expect(await addAllJobs(db)).toBeGreaterThan(0);
      await settled();
    }
    expect(release(made)?.metadata.annotations?.["houston/desired-revision"]).toBe("1");
    expect(release(made)?.metadata.generation).toBe(1);
    // Only the request to look again.
    expect(release(made)?.metadata.resourceVersion).not.toBe(version);
    expect(release(made)?.metadata.annotations?.["reconcile.fluxcd.io/requestedAt"]).toBeDefined();
  });

  it("that a resync makes again what somebody removed", async () => {
    const made = await create();
    await settled();
    const place = { kind: "/api/v1/secrets", namespace: made.namespace, name: `${made.releaseName}-houston-fernet` };
    const before = store.get(place)?.data;
    store.remove(place);
    await addAllJobs(db);
    await settled();
    expect(store.get(place)?.data).toEqual(before);
  });
});

describe("what others made", () => {
  it("stays: a namespace that was there is used, and not removed", async () => {
    const made = await create();
    await settled();
    const taken = await create();
    await settled();
    // As if somebody had made it before.
    store.put(
      { kind: "/api/v1/namespaces", name: taken.namespace },
      {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: taken.namespace, labels: { team: "data" } },
      },
    );
    await ok(owner, VARIABLES, { ...taken, variables: [{ key: "A", value: "1", isSecret: false }] });
    await settled();
    expect(namespace(taken)?.metadata.labels).toEqual({ team: "data" });
    await ok(owner, DELETE, { id: taken.id, hard: true });
    await settled();
    expect(await rowOf(taken.id)).toBeNull();
    expect(namespace(taken)).toBeDefined();
    expect(secrets(taken)).toEqual([]);
    expect(namespace(made)).toBeDefined();
  });
});

describe("a deleted Deployment", () => {
  it("loses its HelmRelease first, and the rest only when that is gone", async () => {
    const made = await create();
    await settled();
    hold(made);
    const before = namesIn(made);
    await ok(owner, DELETE, { id: made.id, hard: true });
    await settled();
    expect(release(made)?.metadata.deletionTimestamp).toBeDefined();
    expect(namesIn(made)).toEqual(before);
    expect(namespace(made)).toBeDefined();
    letGo(made);
    await houston.hurry();
    await houston.hurry();
    expect(release(made)).toBeUndefined();
    expect(namesIn(made)).toEqual([]);
    expect(namespace(made)).toBeUndefined();
    expect(await rowOf(made.id)).toBeNull();
    expect(await databases(made)).toEqual([]);
  });

  it("keeps its database and the Secret of it after a soft delete, until it is removed for good", async () => {
    const made = await create();
    await settled();
    await ok(owner, DELETE, { id: made.id, hard: false });
    await houston.hurry();
    expect(release(made)).toBeUndefined();
    expect(namesIn(made)).toEqual([`${made.releaseName}-houston-metadata`]);
    expect(await rowOf(made.id)).toMatchObject({ removedAt: expect.any(Date) });
    expect(await databases(made)).toHaveLength(1);
    await db.deployment.update({ where: { id: made.id }, data: { deletedAt: new Date("2020-01-01") } });
    await ok(system, "mutation { cleanupDeployments }", {});
    await houston.hurry();
    await houston.hurry();
    expect(namespace(made)).toBeUndefined();
    expect(await rowOf(made.id)).toBeNull();
    expect(await databases(made)).toEqual([]);
  });

  it("runs again if its row is restored, and can be deleted again", async () => {
    const made = await create();
    await settled();
    const before = namesIn(made);
    for (let round = 0; round < 2; round += 1) {
      await ok(owner, DELETE, { id: made.id, hard: false });
      await houston.hurry();
      expect(release(made)).toBeUndefined();
      await db.deployment.update({ where: { id: made.id }, data: { deletedAt: null } });
      await addAllJobs(db);
      await settled();
      expect(release(made)).toBeDefined();
      expect(namesIn(made)).toEqual(before);
      expect(await rowOf(made.id)).toMatchObject({ removedAt: null });
    }
  });

  it("holds up another one of the same name until nothing is left of it", async () => {
    const first = await create();
    await settled();
    hold(first);
    await ok(owner, DELETE, { id: first.id, hard: true });
    await settled();
    const { deployment } = await houston.build.deployment({
      workspaceId: houston.workspace.id,
      releaseName: first.releaseName,
      namespace: first.namespace,
      airflowVersion: "2.11.0",
    });
    await ok(system, RECONCILE, { name: first.releaseName });
    await addAllJobs(db);
    await settled();
    expect(release(first)?.metadata.labels?.["houston/deployment"]).toBe(first.id);
    expect(await db.deployment.findUnique({ where: { id: deployment.id } })).toMatchObject({
      status: "UNKNOWN",
      statusReason: "An earlier release of this name is being removed",
    });
    letGo(first);
    for (let round = 0; round < 4; round += 1) await houston.hurry();
    expect(release(first)?.metadata.labels?.["houston/deployment"]).toBe(deployment.id);
    expect(await rowOf(first.id)).toBeNull();
    expect(await rowOf(deployment.id)).toMatchObject({ appliedRevision: 1 });
    expect(await databases(first)).toHaveLength(1);
  });
});

describe("a failure", () => {
  it("of the API server is tried again until it answers", async () => {
    await cluster.stop();
    const made = await create();
    await settled();
    expect(await rowOf(made.id)).toMatchObject({ appliedRevision: 0 });
    await cluster.start();
    await houston.hurry();
    expect(release(made)).toBeDefined();
    expect(await rowOf(made.id)).toMatchObject({ appliedRevision: 1, problem: null });
  });

  it("of one cluster takes one slot of the worker, until it answers again", async () => {
    const outages = createOutages(isSilence);
    const made = await create();
    await settled();
    let answer = Promise.withResolvers<never>();
    const clientFor = () => answer.promise;
    // Nobody may have asked yet.
    answer.promise.catch(() => undefined);
    const run = (given: object) =>
      reconcile({ ...houston.app.services, ...given, outages }, made.id, { signal: AbortSignal.timeout(20_000) });
    const silent = { connections: { ...houston.app.services.connections, clientFor } };
    const first = expect(run(silent)).rejects.toThrow(KubernetesError);
    answer.reject(new KubernetesError("The Kubernetes API did not answer in time"));
    await first;
    answer = Promise.withResolvers();
    const reasons: unknown[] = [];
    const runs = [1, 2, 3].map(() => run(silent).catch((error) => reasons.push(error)));
    await expect.poll(() => reasons.length).toBe(2);
    expect(reasons).toEqual([expect.any(Waiting), expect.any(Waiting)]);
    answer.reject(new KubernetesError("The Kubernetes API did not answer in time"));
    await Promise.all(runs);
    expect(reasons[2]).toBeInstanceOf(KubernetesError);
    await run({});
    await run({});
  });

  it("for want of rights makes it UNHEALTHY and says what the cluster said, until they are given", async () => {
    cluster.intercept = ({ method, url }, response) => {
      if (method !== "PATCH" || !url.pathname.includes("/helmreleases/")) return false;
      sendStatus(response, 403, "Forbidden", "helmreleases is forbidden: houston may not patch it");
      return true;
    };
    const made = await create();
    await settled();
    const { data } = await owner.send(STATUS, { ...made, workspace: houston.workspace.id });
    const reason = "The cluster refused it: helmreleases is forbidden: houston may not patch it";
    expect(data.workspaceDeployments[0].deploymentStatus).toEqual({ status: "UNHEALTHY", statusReason: reason });
    const listed = await ok(system, "{ provisions(onlyProblems: true) { id problem problemSince isDeleted } }", {});
    expect(listed.provisions).toEqual([
      { id: made.id, problem: reason, problemSince: expect.any(String), isDeleted: false },
    ]);
    cluster.intercept = undefined;
    await houston.hurry();
    expect(release(made)).toBeDefined();
    expect((await ok(system, "{ provisions(onlyProblems: true) { id } }", {})).provisions).toEqual([]);
  });

  it("of values names the cause, and is not tried again", async () => {
    // As one that was created before the platform had a provisioner.
    const made = await create();
    await settled();
    await db.deployment.update({ where: { id: made.id }, data: onAirflow("2.10.5") });
    await ok(system, RECONCILE, { name: made.releaseName });
    await settled();
    const { data } = await owner.send(STATUS, { ...made, workspace: houston.workspace.id });
    expect(data.workspaceDeployments[0].deploymentStatus).toEqual({
      status: "UNHEALTHY",
      statusReason: "Airflow 2.10.5 cannot run: the chart needs Airflow 2.11 or later",
    });
    const jobs = await db.$queryRaw`SELECT id FROM graphile_worker.jobs WHERE key = ${`deployment:${made.id}`}`;
    expect(jobs).toEqual([]);
  });
});

describe("reconcileDeployment", () => {
  it("tells Flux to try again, also to remove", async () => {
    const made = await create();
    await settled();
    hold(made);
    for (const step of ["applied", "being removed"]) {
      if (step === "being removed") await ok(owner, DELETE, { id: made.id, hard: true });
      await settled();
      const before = release(made)?.metadata.annotations?.["reconcile.fluxcd.io/forceAt"];
      await ok(system, RECONCILE, { name: made.releaseName });
      await settled();
      const { annotations = {} } = release(made)?.metadata ?? {};
      expect(annotations["reconcile.fluxcd.io/forceAt"]).not.toBe(before);
      expect(annotations["reconcile.fluxcd.io/resetAt"]).toBe(annotations["reconcile.fluxcd.io/requestedAt"]);
      // Otherwise what somebody else changed on the cluster would stay.
      expect(release(made)?.spec?.driftDetection).toMatchObject({ mode: "enabled" });
    }
    letGo(made);
    const { errors } = await system.send(RECONCILE, { name: "no-such-1234" });
    expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND", argument: "releaseName" } }]);
    expect(await db.auditEntry.count({ where: { action: "reconcileDeployment", entityId: made.id } })).toBe(2);
    const denied = await owner.send(RECONCILE, { name: made.releaseName });
    expect(denied.errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });
});

async function databases({ releaseName }: Named) {
  const client = new pg.Client(inject("templateUrl"));
  await client.connect();
  const { rows } = await client.query("SELECT datname FROM pg_database WHERE datname = $1", [
    databaseNameOf(releaseName),
  ]);
  await client.end();
  return rows;
}

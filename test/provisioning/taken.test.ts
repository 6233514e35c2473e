import pg from "pg";
import { describe, expect, inject, it } from "vitest";
import { databaseNameOf } from "../../src/services/provisioning/databases/releaseDatabase.ts";
import { addAllJobs } from "../../src/services/provisioning/jobs/addAllJobs.ts";
import { HELM_RELEASES, type Named, provisionedHouston } from "../support/provisioned.ts";

const houston = await provisionedHouston({
  deployments: {
    hardDeleteDeployment: true,
    manualReleaseNames: true,
    manualNamespaceNames: true,
    namespaceFreeFormEntry: true,
  },
});
const { cluster, owner, workspace, db, build, release, secret, namespace, settled } = houston;

const CREATE = `mutation ($workspaceUuid: Uuid!, $label: String!, $releaseName: String, $namespace: String) {
  createDeployment(workspaceUuid: $workspaceUuid, label: $label, releaseName: $releaseName, namespace: $namespace,
    airflowVersion: "2.11.0") { id releaseName namespace }
}`;
const DELETE = `mutation ($id: Uuid!, $hard: Boolean) { deleteDeployment(deploymentUuid: $id, deploymentHardDelete: $hard) { id } }`;

const create = (name: string, at = name) =>
  owner.send(CREATE, { workspaceUuid: workspace.id, label: name, releaseName: name, namespace: at });
async function made(name: string, at = name): Promise<Named> {
  const { data, errors } = await create(name, at);
  expect(errors).toBeUndefined();
  await settled();
  return data.createDeployment;
}
async function remove({ id }: Named, hard: boolean) {
  expect((await owner.send(DELETE, { id, hard })).errors).toBeUndefined();
  await houston.hurry();
}
const rowOf = (id: string) => db.provision.findUnique({ where: { id } });
const stateOf = (id: string) =>
  db.deployment.findUniqueOrThrow({ where: { id }, select: { status: true, statusReason: true } });

/** Runs SQL as the administrator of the server, in a database of its own choice. */
async function sql(text: string, database?: string) {
  const url = new URL(inject("templateUrl"));
  if (database) url.pathname = `/${database}`;
  const client = new pg.Client(url.href);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe("a namespace", () => {
  it("of a deleted Deployment cannot be chosen while it is still to be removed with that", async () => {
    const first = await made("first", "shared");
    await remove(first, false);
    const { errors } = await create("second", "shared");
    expect(errors).toMatchObject([{ extensions: { code: "CONFLICT", argument: "namespace" } }]);
    await db.deployment.update({ where: { id: first.id }, data: { deletedAt: new Date("2020-01-01") } });
    await houston.system.send("mutation { cleanupDeployments }");
    for (let round = 0; round < 2; round += 1) await houston.hurry();
    expect(namespace(first)).toBeUndefined();
    expect(release(await made("second", "shared"))).toBeDefined();
  });

  it("of another Deployment is not used, and the reason says so", async () => {
    const first = await made("mine", "private");
    const { deployment } = await build.deployment({
      ...{ workspaceId: workspace.id, releaseName: "theirs", namespace: "private", airflowVersion: "2.11.0" },
    });
    await addAllJobs(db);
    await settled();
    expect(release({ ...first, releaseName: "theirs" })).toBeUndefined();
    expect(await stateOf(deployment.id)).toEqual({
      status: "UNHEALTHY",
      statusReason: "Namespace private belongs to another Deployment, and is removed with that",
    });
    await remove(first, true);
    for (let round = 0; round < 3; round += 1) await houston.hurry();
    expect(release({ ...first, releaseName: "theirs" })).toBeDefined();
    expect(await rowOf(deployment.id)).toMatchObject({ problem: null, ownsNamespace: true });
  });
});

describe("a database", () => {
  it("of a removed Deployment on another cluster is not handed on with its release name", async () => {
    const first = await made("reused");
    await sql("CREATE TABLE earlier (id int)", databaseNameOf("reused"));
    const { id: clusterId } = await db.cluster.create({
      data: { name: "elsewhere", createdBy: "user:x", updatedBy: "user:x" },
    });
    await db.deployment.delete({ where: { id: first.id } });
    await db.provision.update({ where: { id: first.id }, data: { clusterId } });
    const { deployment } = await build.deployment({
      ...{ workspaceId: workspace.id, releaseName: "reused", namespace: "again", airflowVersion: "2.11.0" },
    });
    await db.$queryRaw`SELECT graphile_worker.add_job('provisionDeployment',
      json_build_object('deploymentId', ${deployment.id}::text))::text`;
    await settled();
    for (let round = 0; round < 4; round += 1) await houston.hurry();
    expect(await rowOf(first.id)).toBeNull();
    expect(await rowOf(deployment.id)).toMatchObject({ appliedRevision: 1 });
    expect(await sql("SELECT to_regclass('earlier') AS found", databaseNameOf("reused"))).toEqual([{ found: null }]);
  });

  it("exists for a release name that begins like those that PostgreSQL reserves", async () => {
    const one = await made("pg-1");
    expect(await rowOf(one.id)).toMatchObject({ problem: null, appliedRevision: 1 });
    const url = Buffer.from(secret(one, "houston-metadata")?.data?.connection ?? "", "base64").toString();
    const client = new pg.Client(url.replace("sslmode=prefer", "sslmode=disable"));
    await client.connect();
    expect((await client.query("SELECT current_user AS name")).rows).toEqual([{ name: databaseNameOf("pg-1") }]);
    await client.end();
    await remove(one, true);
    expect(await rowOf(one.id)).toBeNull();
    expect(await sql(`SELECT FROM pg_roles WHERE rolname = '${databaseNameOf("pg-1")}'`)).toEqual([]);
  });

  it("that is not the Deployment's stays as it is, and the reason names it", async () => {
    const name = databaseNameOf("payroll");
    await sql(`CREATE ROLE ${name} LOGIN PASSWORD 'theirs'`);
    await sql(`CREATE DATABASE ${name} OWNER ${name}`);
    const one = await made("payroll");
    expect(await stateOf(one.id)).toEqual({
      status: "UNHEALTHY",
      statusReason: `The database server has a user or a database ${name} that is not this Deployment's`,
    });
    expect(secret(one, "houston-metadata")).toBeUndefined();
    await remove(one, true);
    expect(await rowOf(one.id)).toBeNull();
    const url = new URL(inject("templateUrl"));
    Object.assign(url, { username: name, password: "theirs", pathname: `/${name}` });
    const client = new pg.Client(url.href);
    await client.connect();
    await client.end();
  });
});

describe("a HelmRelease", () => {
  it("of somebody else is not taken over", async () => {
    const place = { kind: HELM_RELEASES, namespace: "team", name: "billing" };
    const theirs = { spec: { chart: "theirs" }, metadata: { name: "billing", namespace: "team" } };
    cluster.store.put(place, { apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease", ...theirs });
    const one = await made("billing", "team");
    expect(cluster.store.get(place)?.spec).toEqual({ chart: "theirs" });
    expect(await stateOf(one.id)).toEqual({
      status: "UNHEALTHY",
      statusReason: "Namespace team has a HelmRelease billing that is not this Deployment's",
    });
    await remove(one, true);
    expect(cluster.store.get(place)?.spec).toEqual({ chart: "theirs" });
  });

  it("of somebody else is not taken over when the Deployment is restored", async () => {
    const one = await made("restored", "team");
    await remove(one, false);
    const place = { kind: HELM_RELEASES, namespace: "team", name: "restored" };
    const theirs = { spec: { chart: "theirs" }, metadata: { name: "restored", namespace: "team" } };
    cluster.store.put(place, { apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease", ...theirs });
    // With a change, too.
    await db.deployment.update({ where: { id: one.id }, data: { deletedAt: null, airflowVersion: "3.2.0" } });
    await addAllJobs(db);
    await settled();
    await houston.hurry();
    expect(cluster.store.get(place)?.spec).toEqual({ chart: "theirs" });
    expect(await stateOf(one.id)).toEqual({
      status: "UNHEALTHY",
      statusReason: "Namespace team has a HelmRelease restored that is not this Deployment's",
    });
    cluster.store.remove(place);
    await houston.hurry();
    expect(release(one)).toBeDefined();
  });
});

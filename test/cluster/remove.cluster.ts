import { describe, expect, it } from "vitest";
import type { ObjectRef } from "../../src/platform/kubernetes/kubernetes.ts";
import { deployments, helmReleases, secrets } from "../../src/platform/kubernetes/resources.ts";
import { eventually, houstonOnCluster, type Released } from "./houstonOnCluster.ts";
import { recordSequence } from "./recordSequence.ts";

const { cluster, pool, create, remove, reaches, revisions, list, get, send, nothingLeft } = await houstonOnCluster();

/** Keeps an object from being removed until it is called with false. */
async function hold(ref: ObjectRef, on = true): Promise<void> {
  await cluster.client.patch(ref, { metadata: { finalizers: on ? ["example.com/stuck"] : null } });
}

const problems = async ({ releaseName }: Released): Promise<{ problem: string; isDeleted: boolean }[]> => {
  const { provisions } = await send("{ provisions(onlyProblems: true) { releaseName problem isDeleted } }");
  return provisions.filter((row: { releaseName: string }) => row.releaseName === releaseName);
};
const reconcile = ({ releaseName }: Released) =>
  send("mutation ($releaseName: String!) { reconcileDeployment(releaseName: $releaseName) }", { releaseName });

const softDelete = ({ id }: Released) =>
  send("mutation ($id: Uuid!) { deleteDeployment(deploymentUuid: $id) { id } }", { id });

/** The secrets of a Deployment, without the beginning of their names. */
const secretsOf = async ({ releaseName, namespace }: Released) =>
  (await list(secrets, namespace)).map(({ metadata }) => metadata.name.replace(`${releaseName}-`, "")).sort();

/** Counted, because a retried test needs another name. */
let attempts = 0;

describe.concurrent("the removal of a Deployment", () => {
  it("says what keeps it from being removed, and ends when that is gone", async () => {
    const released = await create();
    await reaches(released, "HEALTHY");
    const { namespace, releaseName } = released;
    const scheduler = { resource: deployments, namespace, name: `${releaseName}-scheduler` };
    await hold(scheduler);
    const record = recordSequence(cluster.client, released, "StuckRemoval");
    await remove(released);
    const problem = expect.stringMatching(/^It cannot be removed: .*scheduler/);
    await eventually(async () => expect(await problems(released)).toMatchObject([{ problem, isDeleted: true }]));
    expect(await secretsOf(released)).toContain("values");
    await hold(scheduler, false);
    await reconcile(released);
    await nothingLeft(released);
    await record();
  });

  it("says so if only the namespace cannot go", async () => {
    const released = await create();
    await reaches(released, "HEALTHY");
    const { namespace } = released;
    const others = { resource: secrets, namespace, name: "theirs" };
    await cluster.client.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "theirs", namespace } }, secrets);
    await hold(others);
    await remove(released);
    const problem = expect.stringMatching(/^The namespace cannot be removed: .*example\.com\/stuck/);
    await eventually(
      async () => expect(await problems(released)).toMatchObject([{ problem, isDeleted: true }]),
      240_000,
    );
    await hold(others, false);
    await reconcile(released);
    await nothingLeft(released);
  });

  it("keeps the Secret of the database of a soft-deleted one until it is removed for good", async () => {
    const released = await create();
    await reaches(released, "HEALTHY");
    await softDelete(released);
    await eventually(async () => expect(await secretsOf(released)).toEqual(["houston-metadata"]));
    await eventually(async () => expect(await list(deployments, released.namespace)).toEqual([]));
    expect(await get(helmReleases, released)).toBeUndefined();
    await pool.query(`UPDATE "Deployment" SET "deletedAt" = now() - interval '15 days' WHERE id = $1`, [released.id]);
    expect(await send("mutation { cleanupDeployments }")).toEqual({ cleanupDeployments: 1 });
    await nothingLeft(released);
  });

  it("holds back another one of the same name", async () => {
    attempts += 1;
    const given = { releaseName: `again-${1000 + attempts}` };
    const first = await create(given);
    await reaches(first, "HEALTHY");
    const scheduler = { resource: deployments, namespace: first.namespace, name: `${first.releaseName}-scheduler` };
    await hold(scheduler);
    const fernet = { ...first, releaseName: `${first.releaseName}-houston-fernet` };
    const before = (await get(secrets, fernet))?.data;
    await remove(first);
    await eventually(async () => expect((await get(helmReleases, first))?.metadata.deletionTimestamp).toBeDefined());
    const second = await create(given);
    await eventually(async () => expect(await problems(first)).toMatchObject([{ isDeleted: true }]));
    expect((await get(secrets, fernet))?.data).toEqual(before);
    await hold(scheduler, false);
    await reaches(second, "HEALTHY");
    expect((await get(secrets, fernet))?.data).not.toEqual(before);
    expect(await revisions(second)).toEqual(["v1"]);
    await remove(second);
    await nothingLeft(second);
  });
});

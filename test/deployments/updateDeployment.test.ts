import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { DENIED } from "../support/outcome.ts";

const { as, build, db, app } = await testHouston({ deployments: { gitSyncDagDeployment: true } });

const UPDATE = `mutation ($deploymentUuid: Uuid!, $payload: JSON, $executor: ExecutorType, $workers: Workers,
  $webserver: Webserver, $scheduler: Scheduler, $triggerer: Triggerer, $dagDeployment: DagDeployment, $config: JSON,
  $sync: Boolean, $cloudRole: String) {
  updateDeployment(deploymentUuid: $deploymentUuid, payload: $payload, executor: $executor, workers: $workers,
    webserver: $webserver, scheduler: $scheduler, triggerer: $triggerer, dagDeployment: $dagDeployment,
    config: $config, sync: $sync, cloudRole: $cloudRole) {
    id label description executor config alertEmails dagDeployment { type repositoryUrl branchName sshKey }
    workers { replicas resources { requests { cpu } limits { cpu memory } } }
  }
}`;

const rowOf = (id: string) => db.deployment.findUniqueOrThrow({ where: { id } });

describe("updateDeployment", () => {
  it("changes the provided fields and keeps the rest", async () => {
    const { deployment, editor } = await build.deployment({ description: "Old", alertEmails: ["a@example.com"] });
    const { data } = await as(editor).send(UPDATE, {
      deploymentUuid: deployment.id,
      payload: { label: " Green " },
      executor: "KubernetesExecutor",
      workers: { replicas: 4, resources: { limits: { cpu: 2000 } } },
      cloudRole: "arn:aws:iam::1:role/x",
      sync: true,
    });
    expect(data.updateDeployment).toMatchObject({
      label: "Green",
      description: "Old",
      executor: "KubernetesExecutor",
      alertEmails: ["a@example.com"],
      config: { executor: "KubernetesExecutor", workers: { replicas: 4 } },
      workers: { replicas: 4, resources: { requests: { cpu: 2000 }, limits: { cpu: 2000, memory: 3840 } } },
    });
    expect(await rowOf(deployment.id)).toMatchObject({ label: "Green", cloudRole: "arn:aws:iam::1:role/x" });
    expect(await db.auditEntry.findFirst({ where: { entityId: deployment.id } })).toMatchObject({
      action: "updateDeployment",
      detail: { changed: ["executor", "config", "label", "cloudRole"] },
    });
    const { rows } = await app.services.pool.query("SELECT 1 FROM graphile_worker.jobs WHERE key = $1", [
      `deployment:${deployment.id}`,
    ]);
    expect(rows).toHaveLength(1);
  });

  it("ignores empty values, and accepts the config that it returned", async () => {
    const { deployment, editor } = await build.deployment();
    const git = { type: "git_sync", repositoryUrl: "git@x:y", branchName: "main", sshKey: "hush" };
    const first = await as(editor).send(UPDATE, { deploymentUuid: deployment.id, dagDeployment: git });
    const before = await rowOf(deployment.id);
    const { data, errors } = await as(editor).send(UPDATE, {
      deploymentUuid: deployment.id,
      payload: { label: "" },
      executor: null,
      workers: {},
      webserver: { resources: { limits: { cpu: null } } },
      scheduler: {},
      triggerer: {},
      dagDeployment: {},
      config: first.data.updateDeployment.config,
      cloudRole: "",
    });
    expect(errors).toBeUndefined();
    expect(data).toEqual(first.data);
    expect({ ...(await rowOf(deployment.id)), updatedAt: 0 }).toEqual({ ...before, updatedAt: 0 });

    await as(editor).send(UPDATE, {
      deploymentUuid: deployment.id,
      dagDeployment: { ...git, branchName: "x", sshKey: "" },
    });
    const stored = (await rowOf(deployment.id)).dagDeployment;
    expect(stored).toEqual({ ...(before.dagDeployment as object), branchName: "x" });
    await as(editor).send(UPDATE, { deploymentUuid: deployment.id, dagDeployment: { type: "image" } });
    expect((await rowOf(deployment.id)).dagDeployment).toEqual({ type: "image" });
  });

  it("keeps both of two concurrent changes", async () => {
    const { deployment, editor } = await build.deployment();
    const change = (given: object) => as(editor).send(UPDATE, { deploymentUuid: deployment.id, ...given });
    await Promise.all([change({ workers: { replicas: 5 } }), change({ scheduler: { replicas: 2 } })]);
    expect((await rowOf(deployment.id)).config).toMatchObject({ workers: { replicas: 5 }, scheduler: { replicas: 2 } });
  });

  it("rejects viewers, outsiders, anonymous callers and deleted Deployments", async () => {
    const { deployment, viewer, home } = await build.deployment();
    const gone = await build.deployment({ deletedAt: new Date() });
    for (const [someone, deploymentUuid] of [
      [viewer, deployment.id],
      [home?.outsider, deployment.id],
      [gone.admin, gone.deployment.id],
      [undefined, deployment.id],
    ] as const) {
      const { errors } = await as(someone).send(UPDATE, { deploymentUuid, payload: { label: "Taken over" } });
      expect(errors).toMatchObject([{ message: DENIED }]);
    }
    expect((await rowOf(deployment.id)).label).toBe(deployment.label);
  });

  it("rejects a label that another Deployment of the Workspace uses", async () => {
    const { deployment, editor } = await build.deployment();
    const { deployment: other } = await build.deployment({ workspaceId: deployment.workspaceId });
    const given = { deploymentUuid: deployment.id, payload: { label: other.label } };
    const { errors } = await as(editor).send(UPDATE, given);
    expect(errors).toMatchObject([{ extensions: { code: "CONFLICT", argument: "payload.label" } }]);
  });

  it.each([
    [{ payload: { label: "x".repeat(81) } }, "payload.label: must be a string of 1 to 80 characters"],
    [{ payload: { releaseName: "x" } }, "payload.releaseName: is not a known field"],
    [{ payload: "label" }, "payload: must be an object with label, description or alertEmails"],
    [{ payload: { alertEmails: ["nobody"] } }, "payload.alertEmails.0: must be an e-mail address"],
    [{ scheduler: { replicas: 5 } }, "scheduler.replicas: must be from 1 to 4"],
    [{ dagDeployment: { repositoryUrl: "git@x:y", type: "volume" } }, "deployments.nfsMountDagDeployment is false"],
    [{ dagDeployment: { type: "git_sync" } }, "dagDeployment.repositoryUrl: is required"],
    [{ config: { workers: { pods: 1 } } }, "config.workers.pods: is not a known field"],
  ])("rejects %j", async (given, message) => {
    const { deployment, editor } = await build.deployment();
    const { errors } = await as(editor).send(UPDATE, {
      deploymentUuid: deployment.id,
      executor: "LocalExecutor",
      ...given,
    });
    expect(errors).toMatchObject([{ message: expect.stringContaining(message) }]);
    expect(await rowOf(deployment.id)).toEqual(deployment);
  });
});

import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject } from "vitest";
import type { Config, DeepPartial } from "../../src/platform/config/config.ts";
import { testHouston } from "./houston.ts";
import { kubernetesServer } from "./kubernetesServer.ts";

/** The path of all HelmReleases. */
export const HELM_RELEASES = "/apis/helm.toolkit.fluxcd.io/v2/helmreleases";
const SECRETS = "/api/v1/secrets";
const NAMESPACES = "/api/v1/namespaces";

/** The mutation with which tests create Deployments. */
export const CREATE = `mutation ($workspaceUuid: Uuid!, $label: String!, $executor: ExecutorType, $airflowVersion: String) {
  createDeployment(workspaceUuid: $workspaceUuid, label: $label, executor: $executor, airflowVersion: $airflowVersion) {
    id releaseName namespace
  }
}`;

/** What a Deployment is called. */
export interface Named {
  id: string;
  releaseName: string;
  namespace: string;
}

/** Houston with a Kubernetes API of the test as its default cluster, and with databases for Deployments on the test server. */
export async function provisionedHouston(overrides: DeepPartial<Config> = {}) {
  const cluster = await kubernetesServer({ tokens: new Set(["right"]) });
  const kubeconfig = join(await mkdtemp(join(tmpdir(), "cluster-")), "kubeconfig");
  const useToken = (token: string) => writeFile(kubeconfig, kubeconfigFor(cluster.url, token));
  await useToken("right");
  const { hostname: host, port, username: user, password } = new URL(inject("templateUrl"));
  const houston = await testHouston({
    ...overrides,
    provisioner: "flux",
    kubernetes: { kubeconfig, ...overrides.kubernetes },
    helm: { baseDomain: "example.com", releaseName: "houston", ...overrides.helm },
    deployments: {
      ...overrides.deployments,
      database: {
        connection: { host, port: Number(port), user, password, database: "postgres" },
        ...overrides.deployments?.database,
      },
    },
  });
  const { as, build, db } = houston;
  const { workspace, admin } = await build.workspace();
  const owner = as(admin);
  let count = 0;
  const { store } = cluster;

  return {
    ...houston,
    cluster,
    owner,
    workspace,
    useToken,
    system: as(await build.systemAdmin()),
    async create(given: Record<string, unknown> = {}): Promise<Named> {
      count += 1;
      const variables = { workspaceUuid: workspace.id, label: `Number ${count}`, airflowVersion: "2.11.0", ...given };
      const { data, errors } = await owner.send(CREATE, variables);
      if (errors) throw new Error(JSON.stringify(errors));
      return data.createDeployment;
    },
    release: ({ namespace, releaseName }: Named) => store.get({ kind: HELM_RELEASES, namespace, name: releaseName }),
    secrets: ({ namespace }: Named) => store.list({ kind: SECRETS, namespace }, null),
    secret: ({ namespace, releaseName }: Named, suffix: string) =>
      store.get({ kind: SECRETS, namespace, name: `${releaseName}-${suffix}` }),
    namespace: ({ namespace }: Named) => store.get({ kind: NAMESPACES, name: namespace }),
    /** Waits until no job is due, and none runs. One that failed after it was replaced stays, and is not tried again. */
    async settled(): Promise<void> {
      for (;;) {
        const rows = await db.$queryRaw<unknown[]>`SELECT id FROM graphile_worker.jobs
          WHERE task_identifier = 'provisionDeployment' AND attempts < max_attempts
            AND (locked_at IS NOT NULL OR run_at <= now())`;
        if (rows.length === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    /** The row of a Deployment once it is applied, and as it stays as long as nothing says more about it. */
    async applied({ id }: Named) {
      await this.settled();
      const row = () => db.deployment.findUniqueOrThrow({ where: { id } });
      await expect.poll(async () => (await row()).statusReason).toBe("Flux has not reported a status yet");
      return row();
    },
    /** As `settled`, and what has failed is not tried again before `hurry`. */
    async settledWithoutRetry(): Promise<void> {
      await this.settled();
      await db.$queryRaw`SELECT graphile_worker.reschedule_jobs(array_agg(id), run_at => now() + interval '1 hour')::text
        FROM graphile_worker.jobs WHERE task_identifier = 'provisionDeployment' AND attempts > 0 AND locked_at IS NULL`;
    },
    /** Makes jobs that wait for the cluster due at once. */
    async hurry(): Promise<void> {
      await db.$queryRaw`SELECT graphile_worker.reschedule_jobs(array_agg(id), run_at => now())::text
        FROM graphile_worker.jobs WHERE task_identifier = 'provisionDeployment'`;
      await this.settled();
    },
  };
}

/** A kubeconfig of an operator for a server on this machine. */
const kubeconfigFor = (server: string, token: string) =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server } }],
    users: [{ name: "test", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  });

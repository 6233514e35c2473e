import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, expect, inject, vi } from "vitest";
import type { KubernetesObject, Resource } from "../../src/platform/kubernetes/kubernetes.ts";
import {
  deployments,
  helmReleases,
  namespaces,
  pods,
  secrets,
  statefulSets,
} from "../../src/platform/kubernetes/resources.ts";
import { createAs } from "../support/as.ts";
import { createTestDatabase } from "../support/db.ts";
import { firstUser } from "../support/firstUser.ts";
import type { HoustonProcess } from "../support/houstonProcess.ts";
import { houstonAccess } from "../support/kubernetesAccess.ts";
import { helmCharts, serveCharts } from "../support/kubernetesCharts.ts";
import { FLUX_NAMESPACE, HOUSTON_NAMESPACE, startKubernetesCluster } from "../support/kubernetesCluster.ts";
import { replicasOn } from "../support/replicas.ts";

/** How long a cluster may take on a busy machine, in milliseconds: several times what it usually takes. */
const PATIENCE = 180_000;

/** Waits until `check` no longer throws. Unlike `expect.poll`, it can be used in tests that run at the same time. */
export const eventually = <T>(check: () => Promise<T>, timeout = PATIENCE): Promise<T> =>
  vi.waitFor(check, { timeout, interval: 200 });

/** What a test says about a Deployment that Houston runs. */
export interface Released {
  id: string;
  releaseName: string;
  namespace: string;
}

/** The kinds of objects that a Deployment has or may leave behind. */
const KINDS = [namespaces, secrets, helmReleases, deployments, statefulSets, pods];

/** Namespaces that every cluster has. */
const OTHERS = ["default", "kube-system", "kube-public", "kube-node-lease", FLUX_NAMESPACE, HOUSTON_NAMESPACE];

/**
 * Houston processes that make Deployments run on a cluster of their own, until the end of the file; the first `started` of
 * them run. Flux and Houston are told to be quicker than they usually are.
 */
export async function houstonOnCluster({
  count = 1,
  started = count,
  settings = {},
}: {
  count?: number;
  started?: number;
  settings?: object;
} = {}) {
  const cluster = await startKubernetesCluster();
  afterAll(() => cluster.stop());
  const charts = await serveCharts(cluster);
  afterAll(() => charts.stop());
  const access = await houstonAccess(cluster);
  const database = await createTestDatabase();
  afterAll(() => database.drop());
  const server = new URL(inject("templateUrl"));
  const file = join(cluster.folder, "houston.yaml");
  // JSON is YAML.
  await writeFile(
    file,
    JSON.stringify({
      provisioner: "flux",
      kubernetes: { kubeconfig: access.path, lostAfter: 3_000, requestTimeout: 3_000 },
      // A release that takes ten seconds must not fail on a busy machine.
      flux: { interval: "20s", timeout: "60s" },
      helm: { baseDomain: "example.com", releaseName: "houston", releaseNamespace: "acme" },
      deployments: {
        upsertDeploymentEnabled: true,
        enableUpdateDeploymentImageEndpoint: true,
        hardDeleteDeployment: true,
        manualReleaseNames: true,
        database: {
          connection: {
            ...{ host: server.hostname, port: Number(server.port), user: server.username },
            ...{ password: decodeURIComponent(server.password), database: "postgres" },
          },
        },
      },
      ...settings,
    }),
  );
  const replicas = await replicasOn(database.url, count, { CONFIG_FILE: file });
  for (const replica of replicas.slice(0, started)) await replica.start();
  const [first] = replicas as [HoustonProcess];
  const token = await firstUser(first.url);
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  afterAll(() => pool.end());
  const servers = new pg.Pool({ connectionString: inject("templateUrl"), max: 1 });
  afterAll(() => servers.end());

  /** Sends an operation as System Admin, and returns its data. */
  async function send(document: string, variables: Record<string, unknown> = {}, at: HoustonProcess = first) {
    const { data, errors } = await createAs(at.url)({ token }).send(document, variables);
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }
  const { createWorkspace: workspace } = await send(`mutation { createWorkspace(label: "Blue") { id } }`);
  const names = new Set<string>();
  let labels = 0;

  async function create(given: Record<string, unknown> = {}, at = first): Promise<Released> {
    labels += 1;
    const { createDeployment } = await send(
      `mutation ($workspace: Uuid!, $label: String!, $executor: ExecutorType, $runtimeVersion: String, $releaseName: String) {
        createDeployment(workspaceUuid: $workspace, label: $label, executor: $executor, runtimeVersion: $runtimeVersion,
          releaseName: $releaseName) { id releaseName namespace }
      }`,
      { workspace: workspace.id, label: `Blue ${labels}`, ...given },
      at,
    );
    names.add(createDeployment.releaseName);
    return createDeployment;
  }

  /** Objects of a kind, of the whole cluster or of one namespace. */
  async function list(resource: Resource, namespace?: string): Promise<KubernetesObject[]> {
    const found: KubernetesObject[] = [];
    for await (const { items } of cluster.client.list(resource, { ...(namespace && { namespace }) }))
      found.push(...items.filter(({ metadata }) => !OTHERS.includes(metadata.namespace ?? metadata.name)));
    return found;
  }

  /** The status of a Deployment and its reason, as its users see it. */
  async function statusOf({ id }: Released) {
    const { rows } = await pool.query(`SELECT status, "statusReason" AS reason FROM "Deployment" WHERE id = $1`, [id]);
    return rows[0] as { status: string; reason: string | null };
  }

  /** Names of the databases, and of their users, that belong to Deployments of this file. */
  async function databases(): Promise<string[]> {
    const { rows } = await servers.query(
      "SELECT datname AS name FROM pg_database UNION ALL SELECT rolname FROM pg_roles",
    );
    const ours = new Set([...names].map((name) => `${name.replaceAll("-", "_")}_airflow`));
    return rows.map(({ name }) => name).filter((name) => ours.has(name));
  }

  return {
    ...{ cluster, charts, access, replicas, pool, workspaceId: workspace.id, send, create, list, databases },

    get: (resource: Resource, { releaseName: name, namespace }: Released) =>
      cluster.client.get({ resource, namespace, name }),

    /** Waits until a Deployment has a status, with a reason that matches. */
    async reaches(released: Released, status: string, reason: unknown = null, timeout = PATIENCE) {
      await eventually(async () => expect(await statusOf(released)).toEqual({ status, reason }), timeout);
    },

    /** The images of the pods of a Deployment, each once. */
    async images({ namespace }: Released): Promise<string[]> {
      const found = (await list(pods, namespace)).flatMap(({ spec }) => spec?.containers as { image: string }[]);
      return [...new Set(found.map(({ image }) => image))].filter((image) => !image.startsWith("example.com/")).sort();
    },

    /** The revisions of a release that Helm has stored. */
    async revisions({ releaseName, namespace }: Released): Promise<string[]> {
      const prefix = `sh.helm.release.v1.${releaseName}.`;
      const found = (await list(secrets, namespace)).map(({ metadata }) => metadata.name);
      return found
        .filter((name) => name.startsWith(prefix))
        .map((name) => name.slice(prefix.length))
        .sort();
    },

    /** Deletes a Deployment for good. */
    remove: ({ id }: Released) =>
      send("mutation ($id: Uuid!) { deleteDeployment(deploymentUuid: $id, deploymentHardDelete: true) { id } }", {
        id,
      }),

    /** Waits until nothing of a Deployment is left anywhere; of no Deployment, if none is given. */
    async nothingLeft({ releaseName }: Pick<Released, "releaseName"> = { releaseName: "" }) {
      const left = async () => {
        const found = (await Promise.all(KINDS.map((kind) => list(kind)))).flat();
        for await (const { items } of cluster.client.list(helmCharts, {})) found.push(...items);
        const { rows } = await pool.query(`SELECT "releaseName" FROM "Provision"`);
        const all = [
          ...found.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`),
          ...(await databases()).map((name) => `database ${name.replaceAll("_", "-")}`),
          ...rows.map((row) => `Provision ${row.releaseName}`),
        ];
        return all.filter((name) => name.includes(releaseName));
      };
      await eventually(async () => expect(await left()).toEqual([]));
    },
  };
}

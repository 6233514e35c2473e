import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject } from "../src/platform/kubernetes/kubernetes.ts";
import { helmReleases, namespaces, secrets } from "../src/platform/kubernetes/resources.ts";
import { kubectlPath } from "./kubectl.ts";
import { each, type ProvisioningSetup } from "./provisioningSetup.ts";

/** What applying new Deployments took, in seconds. */
export interface ApplyResult {
  deployments: number;
  objects: number;
  houston: number;
  kubectl: number;
}

const CREATE = `mutation ($workspace: Uuid!, $label: String!) {
  createDeployment(workspaceUuid: $workspace, label: $label) { id }
}`;

/**
 * Creates `count` Deployments whose jobs wait until a Houston starts that applies `parallel` at a time; then applies the same
 * objects under other names by `kubectl apply --server-side`, one process for each Deployment and as many at a time.
 */
export async function applyDeployments(
  { cluster, access, pool, houston, send }: ProvisioningSetup,
  { count, parallel }: { count: number; parallel: number },
): Promise<ApplyResult> {
  await pool.query(
    "INSERT INTO graphile_worker._private_tasks (identifier) VALUES ('provisionDeployment') ON CONFLICT DO NOTHING",
  );
  const writer = await houston({ provisioner: "none" });
  await writer.start();
  const { createWorkspace } = await send(writer, `mutation { createWorkspace(label: "Bench") { id } }`);
  await each(count, parallel, (n) => send(writer, CREATE, { workspace: createWorkspace.id, label: `Deployment ${n}` }));
  await writer.stop();

  const worker = await houston({ flux: { concurrency: parallel } });
  await worker.start();
  for (;;) {
    const { rows } = await pool.query(`SELECT count(*)::int FROM "Provision" WHERE "appliedRevision" > 0`);
    if (rows[0].count === count) break;
    await sleep(200);
  }
  const { rows } = await pool.query(
    `SELECT extract(epoch FROM max("updatedAt") - min("createdAt"))::float AS seconds FROM "Provision"`,
  );
  await worker.stop();

  const applied: KubernetesObject[] = [];
  for (const resource of [namespaces, secrets, helmReleases]) {
    const labelSelector = "app.kubernetes.io/managed-by=houston";
    for await (const { items } of cluster.client.list(resource, { labelSelector })) applied.push(...items);
  }
  const folder = join(cluster.folder, "applied");
  await mkdir(folder);
  const files = await writeFiles(folder, applied);
  const kubectl = await timeKubectl(files, { parallel, kubeconfig: access.path, home: folder });
  return { deployments: count, objects: applied.length, houston: rows[0].seconds, kubectl };
}

/** Writes a file for each Deployment, with its objects as they were applied, under other names. Returns their paths. */
async function writeFiles(folder: string, objects: readonly KubernetesObject[]): Promise<string[]> {
  const byNamespace = Map.groupBy(objects, ({ metadata }) => metadata.namespace ?? metadata.name);
  const files: string[] = [];
  for (const [namespace, group] of byNamespace) {
    const items = group.map(({ apiVersion, kind, metadata, spec, data, type }) => {
      const { name, namespace: within, labels, annotations } = metadata;
      return {
        ...{ apiVersion, kind, data, type },
        metadata: { name, namespace: within, labels, annotations },
        ...(kind === helmReleases.kind && { spec }),
      };
    });
    const path = join(folder, `${namespace}.json`);
    // As long as before.
    const text = JSON.stringify({ apiVersion: "v1", kind: "List", items }).replaceAll(
      namespace,
      namespace.replace("acme", "copy"),
    );
    await writeFile(path, text);
    files.push(path);
  }
  return files;
}

async function timeKubectl(
  files: readonly string[],
  { parallel, kubeconfig, home }: { parallel: number; kubeconfig: string; home: string },
): Promise<number> {
  const kubectl = kubectlPath();
  const args = ["-P", `${parallel}`, "-n", "1", kubectl, "--kubeconfig", kubeconfig, "apply", "--server-side", "-f"];
  const begun = performance.now();
  const child = spawn("xargs", args, {
    stdio: ["pipe", "ignore", "inherit"],
    env: { PATH: process.env.PATH, HOME: home },
  });
  child.stdin.end(files.join("\n"));
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`kubectl failed: xargs ended with ${code}`);
  return (performance.now() - begun) / 1_000;
}

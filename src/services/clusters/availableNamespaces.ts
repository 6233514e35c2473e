import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Config } from "../../platform/config/config.ts";
import { parse } from "../../platform/errors/parse.ts";
import { inBatches } from "../../platform/inBatches.ts";
import { optional } from "../../platform/input/input.ts";
import type { KubernetesClient, KubernetesObject } from "../../platform/kubernetes/kubernetes.ts";
import { namespaces as namespaceKind } from "../../platform/kubernetes/resources.ts";
import { effectiveDeployments } from "../deployments/configuration/effectiveConfig.ts";
import { askIfConnected } from "../provisioning/clusters/askCluster.ts";
import { assertCluster } from "./cluster.ts";
import { isReserved } from "./reservedNamespaces.ts";

const Input = z.object({ clusterId: optional(z.string("must be an ID")) });

/** The namespaces that are read at the same time, one by one. */
const AT_ONCE = 20;

/**
 * The namespaces that a new Deployment may choose, sorted by name; empty unless `deployments.manualNamespaceNames` is true.
 * These are the namespaces in `deployments.preCreatedNamespaces`, and with `deployments.namespaceFreeFormEntry` all others of
 * the cluster that are neither its own nor Houston's; if Houston has a connection to the cluster, only those that exist. None
 * is used by another Deployment. Throws NOT_FOUND for an unknown cluster, CLUSTER_UNAVAILABLE if it does not answer.
 */
export async function availableNamespaces(ctx: Context, input: unknown): Promise<{ name: string }[]> {
  const { clusterId } = parse(Input, input);
  const cluster = await assertCluster(ctx, clusterId);
  const deployments = await effectiveDeployments(ctx, { clusterId: cluster.id });
  if (!deployments.manualNamespaceNames) return [];
  const names = await askIfConnected(ctx, cluster.id, "list the namespaces of the cluster", async (client) =>
    client ? existing({ ...ctx.config, deployments }, client) : [...new Set(deployments.preCreatedNamespaces)],
  );
  if (names.length === 0) return [];
  const rows = await ctx.db.$queryRaw<{ namespace: string }[]>`
    SELECT namespace FROM "Deployment"
    WHERE namespace = ANY(${names}) AND "clusterId" = ${cluster.id} AND "deletedAt" IS NULL`;
  const used = new Set(rows.map(({ namespace }) => namespace));
  const free = names.filter((name) => !used.has(name));
  return free.sort().map((name) => ({ name }));
}

/** The namespaces on the cluster that Deployments may be in. */
async function existing(config: Config, client: KubernetesClient): Promise<string[]> {
  const { preCreatedNamespaces, namespaceFreeFormEntry } = config.deployments;
  const listed = new Set(preCreatedNamespaces);
  if (config.kubernetes.namespaced || !namespaceFreeFormEntry) return read(client, [...listed]);
  const names: string[] = [];
  for await (const { items } of client.list(namespaceKind, {})) {
    for (const namespace of items) {
      const { name } = namespace.metadata;
      const isFree = listed.has(name) || !(isReserved(config, name) || isOurs(namespace));
      if (isFree && !isEnding(namespace)) names.push(name);
    }
  }
  return names;
}

async function read(client: KubernetesClient, names: readonly string[]): Promise<string[]> {
  const found = await inBatches(names, AT_ONCE, (name) => client.get({ resource: namespaceKind, name }));
  return names.filter((_, n) => found[n] && !isEnding(found[n]));
}

/** Houston created it for a Deployment, and removes it with that. */
const isOurs = ({ metadata: { labels = {} } }: KubernetesObject) =>
  labels["app.kubernetes.io/managed-by"] === "houston" || labels["houston/deployment"] !== undefined;

const isEnding = ({ metadata }: KubernetesObject) => metadata.deletionTimestamp !== undefined;

import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { effectiveDeployments } from "../deployments/configuration/effectiveConfig.ts";
import { assertCluster } from "./cluster.ts";

const Input = z.object({ clusterId: optional(z.string("must be an ID")) });

/**
 * The namespaces in `deployments.preCreatedNamespaces` that no Deployment of the cluster uses, sorted by name; empty unless
 * `deployments.manualNamespaceNames` is true. Throws NOT_FOUND for an unknown cluster.
 */
export async function availableNamespaces(ctx: Context, input: unknown): Promise<{ name: string }[]> {
  const { clusterId } = parse(Input, input);
  const cluster = await assertCluster(ctx, clusterId);
  const { manualNamespaceNames, preCreatedNamespaces } = await effectiveDeployments(ctx, { clusterId: cluster.id });
  if (!manualNamespaceNames || preCreatedNamespaces.length === 0) return [];
  const rows = await ctx.db.$queryRaw<{ namespace: string }[]>`
    SELECT namespace FROM "Deployment"
    WHERE namespace = ANY(${preCreatedNamespaces}) AND "clusterId" = ${cluster.id} AND "deletedAt" IS NULL`;
  const used = new Set(rows.map(({ namespace }) => namespace));
  const free = [...new Set(preCreatedNamespaces)].filter((name) => !used.has(name));
  return free.sort().map((name) => ({ name }));
}

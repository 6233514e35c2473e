import type { Context } from "../../../access/context.ts";
import type { Prisma } from "../../../generated/prisma/client.ts";
import { inBatches } from "../../../platform/inBatches.ts";
import { KubernetesError } from "../../../platform/kubernetes/kubernetes.ts";
import { jobs } from "../../../platform/kubernetes/resources.ts";
import { readWish } from "../../provisioning/wanted/readWish.ts";
import { type CleanupOptions, cleanupJob } from "./cleanupJob.ts";

/** Deployments whose Jobs are created at the same time. */
const AT_ONCE = 10;

/** How many Deployments got no Job, and why the first of them did not. */
interface Outcome {
  failed: number;
  cause: string | undefined;
}

/** Creates a Job for each Deployment that runs on a cluster. One that exists already, for the same, is left as it is. */
export async function createCleanupJobs(ctx: Context, options: CleanupOptions): Promise<Outcome> {
  const rows = await ctx.db.$queryRaw<{ id: string }[]>`
    SELECT p.id FROM "Provision" p JOIN "Deployment" d ON d.id = p.id AND d."deletedAt" IS NULL
    WHERE p."appliedRevision" > 0 AND p."removedAt" IS NULL ORDER BY p."createdAt", p.id`;
  const causes = await inBatches(rows, AT_ONCE, ({ id }) => createJob(ctx, id, options));
  const failures = causes.filter((cause) => cause !== undefined);
  return { failed: failures.length, cause: failures[0] };
}

/** Returns why there is no Job; undefined if there is one. */
async function createJob(ctx: Context, id: string, options: CleanupOptions): Promise<string | undefined> {
  const read = (tx: Prisma.TransactionClient) => readWish(ctx, tx, id, { variables: false });
  const wish = await ctx.db.$transaction(read, { isolationLevel: "RepeatableRead" });
  // It may have been deleted in the meantime.
  if (wish.kind !== "run") return undefined;
  try {
    const client = await ctx.connections.clientFor(wish.wanted.clusterId);
    if (!client) return "Houston has no connection to the cluster";
    await client.apply(cleanupJob(wish.wanted, ctx.config, options), jobs);
    return undefined;
  } catch (error) {
    if (error instanceof KubernetesError) return error.message;
    throw error;
  }
}

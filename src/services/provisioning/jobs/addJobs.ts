import { Prisma } from "../../../generated/prisma/client.ts";
import { type Poke, PROVISION } from "./provisionJob.ts";

/** What `addJobs` writes with: a transaction, or any connection. */
export type JobWriter = Pick<Prisma.TransactionClient, "$queryRaw">;

/**
 * Adds the job of each Deployment whose `id` the query `of` returns, in one statement; one that waits already is due at once.
 * With `after`, it is due so many milliseconds later, and one that waits already stays as it is. Returns the number of jobs.
 */
export async function addJobs(
  tx: JobWriter,
  of: Prisma.Sql,
  { change, after }: { change?: Poke; after?: number } = {},
): Promise<number> {
  const key = Prisma.sql`'deployment:' || id`;
  const unlessWaiting =
    after === undefined
      ? Prisma.empty
      : Prisma.sql`WHERE NOT EXISTS (SELECT FROM graphile_worker.jobs j WHERE j.key = ${key} AND j.locked_at IS NULL)`;
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT (graphile_worker.add_job(${PROVISION}::text,
      json_strip_nulls(json_build_object('deploymentId', id, 'change', ${change ?? null}::text)),
      job_key => ${key}, queue_name => ${key}, run_at => now() + ${after ?? 0} * interval '1 millisecond')).id::text
    FROM (${of}) wanted ${unlessWaiting}`;
  return rows.length;
}

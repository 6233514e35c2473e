import type { Prisma } from "../../generated/prisma/client.ts";

/** Adds jobs of one name as `addJob` does, by one statement. Each has a key of its own. */
export async function addJobs(
  tx: Pick<Prisma.TransactionClient, "$executeRaw">,
  name: string,
  jobs: readonly { jobKey: string; payload: object }[],
  { maxAttempts }: { maxAttempts: number },
): Promise<void> {
  if (jobs.length === 0) return;
  await tx.$executeRaw`SELECT graphile_worker.add_job(
    ${name}::text, job->'payload', job_key => job->>'jobKey', max_attempts => ${maxAttempts}::int
  ) FROM json_array_elements(${JSON.stringify(jobs)}::json) AS job`;
}

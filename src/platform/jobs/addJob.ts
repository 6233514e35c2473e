import type { Prisma } from "../../generated/prisma/client.ts";

/** How a job is queued. */
export interface JobOptions {
  /** At most one waiting job has this key: a later one replaces it. One that runs already is left to end. */
  jobKey?: string;
  /** Attempts before the job is given up, the first one included. Default 25, which takes about four days. */
  maxAttempts?: number;
  /** When to run it. Default: at once. */
  runAt?: Date;
}

/**
 * Adds a job that runs once `tx` commits; a rolled-back transaction leaves none. `payload` is stored as JSON in clear:
 * seal what is secret. A name without a task waits until a worker knows it.
 */
export async function addJob(
  tx: Pick<Prisma.TransactionClient, "$executeRaw">,
  name: string,
  payload: object,
  { jobKey, maxAttempts, runAt }: JobOptions = {},
): Promise<void> {
  await tx.$executeRaw`SELECT graphile_worker.add_job(
    ${name}::text,
    ${JSON.stringify(payload)}::json,
    job_key => ${jobKey ?? null}::text,
    max_attempts => ${maxAttempts ?? null}::int,
    run_at => ${runAt?.toISOString() ?? null}::timestamptz
  )`;
}

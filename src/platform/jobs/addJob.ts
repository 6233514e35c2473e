import type { Prisma } from "../../generated/prisma/client.ts";

/** How a job is queued. */
export interface JobOptions {
  /** At most one waiting job has this key: a later one replaces it. A job that is already running finishes. */
  jobKey?: string;
  /** Jobs of one queue run one after the other; others run side by side. */
  queue?: string;
  /** Number of attempts, including the first one. Default 25, which takes about four days. */
  maxAttempts?: number;
  /** When to run it. Default: immediately. */
  runAt?: Date;
  /** Adds no job while one with this key waits, which is left as it is. */
  unlessWaiting?: boolean;
  /** Adds the job only if a worker with a task of this name has been started on this database. Default: always. */
  onlyIfTaken?: boolean;
}

/**
 * Adds a job that runs once `tx` is committed; a rolled-back transaction adds none. `payload` is stored as unencrypted
 * JSON: encrypt secrets in it. A job whose name has no task waits for a worker with one for seven days; then
 * `purgeUntaken` removes it.
 */
export async function addJob(
  tx: Pick<Prisma.TransactionClient, "$executeRaw">,
  name: string,
  payload: object,
  { jobKey, queue, maxAttempts, runAt, unlessWaiting = false, onlyIfTaken = false }: JobOptions = {},
): Promise<void> {
  // Workers enter the names of their tasks in this table when they start.
  await tx.$executeRaw`SELECT graphile_worker.add_job(
    ${name}::text,
    ${JSON.stringify(payload)}::json,
    job_key => ${jobKey ?? null}::text,
    queue_name => ${queue ?? null}::text,
    max_attempts => ${maxAttempts ?? null}::int,
    run_at => ${runAt?.toISOString() ?? null}::timestamptz
  ) WHERE NOT (${unlessWaiting}::boolean
      AND EXISTS (SELECT 1 FROM graphile_worker.jobs WHERE key = ${jobKey ?? null}::text AND locked_at IS NULL))
    AND (NOT ${onlyIfTaken}::boolean
      OR EXISTS (SELECT 1 FROM graphile_worker._private_tasks WHERE identifier = ${name}::text))`;
}

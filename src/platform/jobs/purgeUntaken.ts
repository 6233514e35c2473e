import type { Task } from "graphile-worker";

/**
 * Task that removes jobs which no worker has taken for seven days and this one, with tasks of the names `known`, cannot
 * take. Jobs with tasks are kept, however long the servers were down.
 */
export const purgeUntaken =
  (known: readonly string[]): Task =>
  async (_payload, { query, logger }) => {
    const { rows } = await query<{ jobs: number }>(
      `SELECT count(*)::int AS jobs FROM graphile_worker.complete_jobs(ARRAY(
         SELECT id FROM graphile_worker.jobs
         WHERE task_identifier <> ALL ($1) AND attempts = 0 AND locked_at IS NULL
           AND greatest(run_at, updated_at) < now() - interval '7 days'
         LIMIT 10000))`,
      [[...known, "purgeUntaken"]],
    );
    const jobs = rows[0]?.jobs ?? 0;
    if (jobs > 0) logger.warn(`Removed ${jobs} jobs that no worker has taken for seven days`);
  };

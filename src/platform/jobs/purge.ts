import { type ParsedCronItem, parseCronItems, type TaskList } from "graphile-worker";

/** Timestamps are stored without a zone, in UTC. */
const NOW = "(now() AT TIME ZONE 'utc')";

/** Every statement is safe to run twice, or on two servers at the same time. */
export const purgeTasks: TaskList = {
  /** Deletes the encrypted copy of API keys that are no longer shown in full, and what is left of keys that were replaced. */
  purgeKeys: async (_payload, job) => {
    await job.query(
      `UPDATE "ServiceAccount" SET "keyEncrypted" = NULL, "keyShownUntil" = NULL WHERE "keyShownUntil" < ${NOW}`,
    );
    await job.query(
      `UPDATE "ServiceAccount" SET "previousKeyHash" = NULL, "previousKeyStart" = NULL, "previousKeyExpiresAt" = NULL,
         "previousKeyLastUsedAt" = NULL WHERE "previousKeyExpiresAt" < ${NOW}`,
    );
  },

  /**
   * Deletes expired sessions, invitations, e-mail tokens and counts of attempts, e-mail jobs that failed for good 30 days
   * ago, and jobs of Deployments that failed after a later one had taken their place.
   */
  purgeExpired: async (_payload, job) => {
    // Skips rows in use, for which a sign-in may wait while it has locked others.
    await job.query(
      `DELETE FROM "AttemptCount" WHERE id IN
         (SELECT id FROM "AttemptCount" WHERE "expiresAt" < ${NOW} FOR UPDATE SKIP LOCKED)`,
    );
    await job.query(`DELETE FROM "Session" WHERE "expiresAt" < ${NOW}`);
    await job.query(`DELETE FROM "Invite" WHERE "expiresAt" < ${NOW}`);
    await job.query(
      `UPDATE "Email" SET "confirmTokenHash" = NULL, "confirmTokenExpiresAt" = NULL WHERE "confirmTokenExpiresAt" < ${NOW}`,
    );
    await job.query(
      `UPDATE "LocalCredential" SET "resetTokenHash" = NULL, "resetTokenExpiresAt" = NULL WHERE "resetTokenExpiresAt" < ${NOW}`,
    );
    await job.query(
      `SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs
       WHERE attempts >= max_attempts AND locked_at IS NULL
         AND (task_identifier = 'sendMail' AND updated_at < now() - interval '30 days'
           OR task_identifier = 'provisionDeployment' AND key IS NULL)`,
    );
  },

  /**
   * Unlocks the jobs of servers that were killed, which otherwise stay locked for four hours. Sending an e-mail takes at
   * most two minutes, and provisioning one, so a worker that has held such a job for longer no longer exists. Removes
   * those of e-mails that were sent: nothing is left to do, and there is no error.
   */
  unlockJobs: async (_payload, job) => {
    await job.query(
      `SELECT graphile_worker.force_unlock_workers(array_agg(DISTINCT locked_by)) FROM graphile_worker.jobs
       WHERE task_identifier IN ('sendMail', 'retryMails') AND locked_at < now() - interval '10 minutes'
         OR task_identifier = 'provisionDeployment' AND locked_at < now() - interval '90 seconds'`,
    );
    await job.query(
      `SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs
       WHERE task_identifier = 'sendMail' AND attempts >= max_attempts AND locked_at IS NULL AND last_error IS NULL`,
    );
  },

  /** Removes the queues in which no job is left: each Deployment has one of its own. */
  purgeQueues: async (_payload, job) => {
    await job.query(
      `DELETE FROM graphile_worker._private_job_queues queues WHERE locked_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM graphile_worker._private_jobs jobs WHERE jobs.job_queue_id = queues.id)`,
    );
  },

  /** Corrects the row counts that numbered pages rely on, in case rows were loaded with triggers disabled. */
  recountRows: async (_payload, job) => {
    const { rows } = await job.query<{ wrong: boolean }>("SELECT recount_rows() AS wrong");
    if (rows[0]?.wrong) job.logger.warn("Row counts were wrong and have been corrected");
  },
};

/** A failed run need not be kept, because the next one does its work: key and attempts leave at most one row. */
const once = (task: string) => ({ jobKey: task, maxAttempts: 3 });

/** When the purge tasks run, in UTC. Each run happens once, regardless of the number of servers. */
export const purgeSchedule: ParsedCronItem[] = parseCronItems([
  { task: "purgeKeys", match: "* * * * *", options: once("purgeKeys") },
  { task: "unlockJobs", match: "* * * * *", options: once("unlockJobs") },
  { task: "purgeExpired", match: "17 * * * *", options: once("purgeExpired") },
  { task: "purgeUntaken", match: "27 * * * *", options: once("purgeUntaken") },
  { task: "purgeQueues", match: "47 3 * * *", options: once("purgeQueues") },
  { task: "recountRows", match: "37 * * * *", options: once("recountRows") },
]);

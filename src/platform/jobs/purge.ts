import { type ParsedCronItem, parseCronItems, type TaskList } from "graphile-worker";

/** Timestamps are stored without a zone, in UTC. */
const NOW = "(now() AT TIME ZONE 'utc')";

/** Every statement may run twice or at the same time on two servers. */
export const purgeTasks: TaskList = {
  /** Removes the encrypted copy of API keys that are no longer shown. */
  purgeKeys: async (_payload, job) => {
    await job.query(
      `UPDATE "ServiceAccount" SET "keyEncrypted" = NULL, "keyShownUntil" = NULL WHERE "keyShownUntil" < ${NOW}`,
    );
  },

  /** Removes expired sessions, invites and tokens of mails, and mails that were given up 30 days ago. */
  purgeExpired: async (_payload, job) => {
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
       WHERE task_identifier = 'sendMail' AND attempts >= max_attempts AND locked_at IS NULL
         AND updated_at < now() - interval '30 days'`,
    );
  },

  /**
   * Frees the jobs of servers that were killed, which otherwise stay locked for four hours. Sending a mail ends within
   * two minutes, so a worker that holds one for ten is gone.
   */
  unlockJobs: async (_payload, job) => {
    await job.query(
      `SELECT graphile_worker.force_unlock_workers(array_agg(DISTINCT locked_by)) FROM graphile_worker.jobs
       WHERE task_identifier = 'sendMail' AND locked_at < now() - interval '10 minutes'`,
    );
  },

  /** Puts the counts that pages by number rely on right, should rows have been loaded with triggers off. */
  recountRows: async (_payload, job) => {
    const { rows } = await job.query<{ wrong: boolean }>("SELECT recount_rows() AS wrong");
    if (rows[0]?.wrong) job.logger.warn("Counts of rows were wrong and are put right");
  },
};

/** A failed run is not worth keeping: the next one does its work, so its key and attempts leave one row at most. */
const once = (task: string) => ({ jobKey: task, maxAttempts: 3 });

/** When the purge tasks run, in UTC. However many servers there are, each run happens once. */
export const purgeSchedule: ParsedCronItem[] = parseCronItems([
  { task: "purgeKeys", match: "* * * * *", options: once("purgeKeys") },
  { task: "unlockJobs", match: "* * * * *", options: once("unlockJobs") },
  { task: "purgeExpired", match: "17 * * * *", options: once("purgeExpired") },
  { task: "recountRows", match: "37 * * * *", options: once("recountRows") },
]);

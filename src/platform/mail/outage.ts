import type { JobHelpers, Task } from "graphile-worker";
import type { Logger } from "pino";
import type { smtpTransport } from "./smtpTransport.ts";

/** Milliseconds after which a mail server that could not be used is tried again. */
const RETRY_AFTER = 20_000;

/** Begins the `last_error` of every e-mail that waits for the mail server. */
const UNAVAILABLE = "The mail server is unavailable: ";

/** What this process knows about the availability of the mail server. */
export interface Outage {
  /**
   * Throws for 20 s after the server could not be used, so that e-mails, which share their few workers with other jobs,
   * do not wait for it one after the other.
   */
  assertOver(): void;
  /** Returns the error for an e-mail that was not sent. If that is because of an outage, it is retried after the outage. */
  afterFailure(error: unknown, job: Pick<JobHelpers, "query">): Promise<unknown>;
  /** The task "retryMails": makes the e-mails that wait for the server due when the server can be used again. */
  retryMails: Task;
}

/**
 * Keeps track of outages of the mail server. Without it, an e-mail would wait up to six hours after the end of a long
 * one, because its attempts become rare.
 */
export function createOutage(smtp: ReturnType<typeof smtpTransport>, log: Logger, now = () => Date.now()): Outage {
  let reason = "";
  let until = 0;
  const begin = (error: unknown) => {
    reason = (error as Error).message;
    until = now() + RETRY_AFTER;
  };
  return {
    assertOver() {
      if (now() < until) throw new Unavailable(reason);
    },
    async afterFailure(error, job) {
      const isHeldBack = error instanceof Unavailable;
      if (!isHeldBack && !isOutage(error)) return error;
      if (!isHeldBack) begin(error);
      await retryLater(job);
      return isHeldBack ? error : new Unavailable(reason, { cause: error });
    },
    async retryMails(_payload, job) {
      const { rows } = await job.query<{ id: string }>(WAITING, [`${UNAVAILABLE}%`]);
      if (rows.length === 0) return;
      try {
        await smtp?.verify();
      } catch (error) {
        begin(error);
        return retryLater(job);
      }
      until = 0;
      await job.query("SELECT graphile_worker.reschedule_jobs($1::bigint[], run_at => now())", [
        rows.map(({ id }) => id),
      ]);
      log.info({ mails: rows.length }, "The mail server can be used again");
    },
  };
}

class Unavailable extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(`${UNAVAILABLE}${reason}`, options);
  }
}

/** True unless the server could be used and rejected this e-mail. */
function isOutage(error: unknown): boolean {
  const { command, responseCode } = error as { command?: string; responseCode?: number };
  // "API": the library did not even begin.
  const aboutMail = ["MAIL FROM", "RCPT TO", "DATA", "API", undefined].includes(command);
  return responseCode === 421 || !aboutMail;
}

const WAITING = `SELECT id FROM graphile_worker.jobs
  WHERE task_identifier = 'sendMail' AND attempts < max_attempts AND locked_at IS NULL AND last_error LIKE $1`;

/** One job for all servers, and the first failure decides when it runs. */
async function retryLater(job: Pick<JobHelpers, "query">): Promise<void> {
  await job.query(
    `SELECT graphile_worker.add_job('retryMails', '{}'::json, job_key => 'retryMails',
      job_key_mode => 'preserve_run_at', run_at => now() + $1 * interval '1 millisecond')`,
    [RETRY_AFTER],
  );
}

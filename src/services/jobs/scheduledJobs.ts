import { type ParsedCronItem, parseCronItems, type TaskList } from "graphile-worker";
import { fromJob } from "../../platform/audit/origin.ts";
import type { JobServices, ScheduledJob } from "../../platform/jobs/scheduledJob.ts";
import { rotateSigningKeys } from "../airflow/rotateSigningKeys.ts";
import { auditRetention } from "../audit/auditRetention.ts";
import { cleanupClusterAudits } from "../clusters/cleanupClusterAudits.ts";
import { syncDataplaneClusters } from "../clusters/syncDataplaneClusters.ts";
import { cleanupDeployments } from "../deployments/lifecycle/cleanupDeployments.ts";
import { cleanupDeployRevisions } from "../deployments/revisions/cleanupDeployRevisions.ts";
import { resyncDeployments } from "../provisioning/resyncDeployments.ts";
import { expireServiceAccounts } from "../serviceAccounts/expireServiceAccounts.ts";

const all = [
  syncDataplaneClusters,
  resyncDeployments,
  cleanupDeployments,
  cleanupDeployRevisions,
  cleanupClusterAudits,
  expireServiceAccounts,
  rotateSigningKeys,
  auditRetention,
];

/** The tasks of the scheduled jobs, and when those that are enabled run. Each run happens once for all servers. */
export function scheduledJobs(services: JobServices): { tasks: TaskList; schedule: ParsedCronItem[] } {
  const { config } = services;
  return {
    tasks: Object.fromEntries(all.map((job) => [job.name, taskOf(services, job)])),
    schedule: parseCronItems(
      all
        .filter(({ name }) => config[name].enabled)
        // As for purges: the next run does the work of a failed one.
        .map(({ name }) => ({ task: name, match: config[name].schedule, options: { jobKey: name, maxAttempts: 3 } })),
    ),
  };
}

const taskOf =
  (services: JobServices, { name, counts, run }: ScheduledJob): TaskList[string] =>
  async (_payload, { job, abortSignal }) => {
    const author = { caller: { kind: "job", id: name }, requestId: `job:${job.id}`, origin: fromJob } as const;
    const count = await run(services, author, abortSignal);
    services.log.info({ task: name, count }, counts);
  };

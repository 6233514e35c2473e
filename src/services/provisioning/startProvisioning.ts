import type { Services } from "../../access/context.ts";
import { connect } from "../../platform/database/connect.ts";
import { startWorker } from "../../platform/jobs/worker.ts";
import { PROVISION } from "./jobs/provisionJob.ts";
import { provisionDeployment } from "./provisionDeployment.ts";
import { isSilence } from "./reconcile/failure.ts";
import { createOutages } from "./reconcile/outages.ts";
import { startWatching } from "./watch/startWatching.ts";
import { withdrawStatuses } from "./watch/withdrawStatuses.ts";

/** What makes Deployments run, in this process. */
export interface Provisioning {
  /** Waits for running jobs and gives up the watches, so that another replica takes over. */
  stop(): Promise<void>;
}

/** Database connections of its own, so that it never takes one that a request needs. One of them listens for jobs. */
const CONNECTIONS = 4;

/**
 * Starts the worker that applies Deployments to their clusters, and the watches of those clusters; if `provisioner` is
 * `none`, what withdraws the statuses that such watches have left. `stopTimeout` is how long `stop` waits for running jobs, in ms.
 */
export async function startProvisioning(
  services: Services,
  { databaseUrl, stopTimeout }: { databaseUrl: string; stopTimeout: number },
): Promise<Provisioning> {
  const { config, log } = services;
  if (config.provisioner === "none") return withdrawStatuses(services);
  const { pool, db, close } = connect(databaseUrl, { ...config.database.pool, max: CONNECTIONS }, log);
  const own = { ...services, pool, db, outages: createOutages(isSilence) };
  // Of its own, so that slow clusters do not hold up e-mails.
  const worker = await startWorker({
    pool,
    tasks: { [PROVISION]: provisionDeployment(own) },
    purges: false,
    concurrency: config.flux.concurrency,
    log,
    stopTimeout,
  });
  const watching = startWatching(own);
  return {
    async stop() {
      await Promise.all([worker.stop(), watching.stop()]);
      await close();
    },
  };
}

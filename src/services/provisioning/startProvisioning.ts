import type { Services } from "../../access/context.ts";
import { startWorker } from "../../platform/jobs/worker.ts";
import { PROVISION, provisionDeployment } from "./provisionDeployment.ts";

/** What makes Deployments run, in this process. */
export interface Provisioning {
  /** Waits for running jobs and gives up the watches, so that another replica takes over. */
  stop(): Promise<void>;
}

/**
 * Starts the worker that applies Deployments to their clusters, and the watches of those clusters; nothing if `provisioner`
 * is `none`. `stopTimeout` is how long `stop` waits for running jobs, in ms.
 */
export async function startProvisioning(services: Services, stopTimeout: number): Promise<Provisioning> {
  const { config, pool, log } = services;
  if (config.provisioner === "none") return { stop: async () => undefined };
  // Of its own, so that slow clusters do not hold up e-mails.
  const worker = await startWorker({
    pool,
    tasks: { [PROVISION]: provisionDeployment(services) },
    purges: false,
    concurrency: config.flux.concurrency,
    log,
    stopTimeout,
  });
  return { stop: () => worker.stop() };
}

import type { Task } from "graphile-worker";
import { addJob } from "../../platform/jobs/addJob.ts";
import { KubernetesError } from "../../platform/kubernetes/kubernetes.ts";
import { DatabaseServerError } from "./databases/databaseServerError.ts";
import { PROVISION, queuedAs } from "./jobs/provisionJob.ts";
import { type ReconcileServices, reconcile } from "./reconcile/reconcile.ts";
import { Waiting } from "./reconcile/waiting.ts";

/** How long one run may take, in milliseconds. Jobs that are locked for longer belong to a server that was killed. */
const TIMEOUT = 60_000;

/** The task `provisionDeployment`: reconciles a Deployment, and again later while the cluster needs time. */
export const provisionDeployment =
  (services: ReconcileServices): Task =>
  async (payload, { abortSignal, job }) => {
    const { deploymentId, change } = payload as { deploymentId: string; change?: string };
    const why = change === "resync" || change === "retry" ? change : undefined;
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT), ...(abortSignal ? [abortSignal] : [])]);
    try {
      await reconcile(services, deploymentId, { why, attempt: job.attempts, signal });
    } catch (error) {
      // The worker logs the stack trace of each attempt, and the message of these says it all.
      if (error instanceof KubernetesError || error instanceof DatabaseServerError) error.stack = "";
      if (!(error instanceof Waiting)) throw error;
      services.log.debug({ deployment: deploymentId, reason: error.message }, "Provisioning waits");
      const runAt = new Date(services.now().getTime() + error.delay);
      const again = error.isPoked ? undefined : why;
      // What was requested meanwhile must neither wait as long nor be forgotten.
      const options = { ...queuedAs(deploymentId, again), runAt, unlessWaiting: true };
      await addJob(services.db, PROVISION, { deploymentId, change: again }, options);
    }
  };

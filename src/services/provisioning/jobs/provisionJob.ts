/** The name of the job that reconciles a Deployment, and of the outbox of platforms without a provisioner. */
export const PROVISION = "provisionDeployment";

/** How the job of a Deployment is queued: at most one waits, and at most one runs. */
export const queuedAs = (deploymentId: string) => ({
  jobKey: `deployment:${deploymentId}`,
  queue: `deployment:${deploymentId}`,
});

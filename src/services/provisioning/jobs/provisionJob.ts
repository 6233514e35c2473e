/** The name of the job that reconciles a Deployment, and of the outbox of platforms without a provisioner. */
export const PROVISION = "provisionDeployment";

/** How the job of a Deployment is queued: at most one waits, and at most one runs. */
export const queuedAs = (deploymentId: string) => ({
  jobKey: `deployment:${deploymentId}`,
  queue: `deployment:${deploymentId}`,
});

/** Why Flux is to look at a HelmRelease although its wanted state is the same. */
export type Poke =
  /** Houston applies everything again from time to time, and an answer shows that Flux is alive. */
  | "resync"
  /** Somebody wants it to be tried again now, also after Flux has given up. */
  | "retry";

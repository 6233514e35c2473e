/** The name of the job that reconciles a Deployment, and of the outbox of platforms without a provisioner. */
export const PROVISION = "provisionDeployment";

/**
 * How the job of a Deployment is queued: at most one waits, and at most one runs. One that was requested to `retry` waits beside
 * it, so that no other takes its place.
 */
export const queuedAs = (deploymentId: string, why?: Poke) => ({
  jobKey: `deployment:${deploymentId}${why === "retry" ? ":retry" : ""}`,
  queue: `deployment:${deploymentId}`,
});

/** Why Flux is to look at a HelmRelease although its wanted state is the same. */
export type Poke =
  /** Houston applies everything again from time to time, and an answer shows that Flux is alive. */
  | "resync"
  /** Somebody wants it to be tried again now, also after Flux has given up. */
  | "retry";

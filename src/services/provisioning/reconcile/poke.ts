import type { KubernetesClient, ObjectRef } from "../../../platform/kubernetes/kubernetes.ts";

/** Why Flux is to look at a HelmRelease although its wanted state is the same. */
export type Poke =
  /** Houston applies everything again from time to time, and an answer shows that Flux is alive. */
  | "resync"
  /** Somebody wants it to be tried again now, also after Flux has given up. */
  | "retry";

/**
 * Tells Flux to reconcile a HelmRelease now. One that is being removed is uninstalled again. To retry, also to change back
 * what somebody else changed on the cluster: helm-controller ignores `forceAt` as long as it only reports drift.
 */
export async function poke(
  client: KubernetesClient,
  release: ObjectRef,
  { why, at, signal }: { why: Poke; at: Date; signal: AbortSignal },
): Promise<void> {
  const token = at.toISOString();
  const retry = why === "retry";
  const annotations = {
    "reconcile.fluxcd.io/requestedAt": token,
    ...(retry && { "reconcile.fluxcd.io/forceAt": token, "reconcile.fluxcd.io/resetAt": token }),
  };
  // Until it is applied the next time, with the mode of the settings.
  const spec = { driftDetection: { mode: "enabled" } };
  await client.patch(release, { metadata: { annotations }, ...(retry && { spec }) }, signal);
}

import type { KubernetesClient, ObjectRef } from "../../../platform/kubernetes/kubernetes.ts";
import type { Poke } from "../jobs/provisionJob.ts";

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

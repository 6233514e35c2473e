import { queueBeyond } from "../../../platform/concurrency.ts";
import type { KubernetesClient } from "../../../platform/kubernetes/kubernetes.ts";
import { pods } from "../../../platform/kubernetes/resources.ts";
import { podCauses } from "../status/podCauses.ts";
import { DEPLOYMENT_LABEL } from "../values/labels.ts";
import { partsOf } from "./owner.ts";

/** Options of `createLookups`. */
export interface LookupOptions {
  client: KubernetesClient;
  signal: AbortSignal;
  /** Told what was found out, by component. */
  found(owner: string, causes: ReadonlyMap<string, string>): void;
}

/** Look-ups at the same time. */
const CONCURRENCY = 2;

/** Pods that are looked at for one Deployment. */
const PODS = 50;

/**
 * Asks why pods do not run. Pods are not watched, because there are many more of them than Deployments, most of them for
 * one task: they are looked at when some are missing. Without permission for that, causes stay unknown.
 */
export function createLookups({ client, signal, found }: LookupOptions) {
  const queue = queueBeyond(CONCURRENCY);
  return (owner: string, components: readonly string[]): void => {
    const { namespace, deploymentId } = partsOf(owner);
    const labelSelector = `${DEPLOYMENT_LABEL}=${deploymentId},component in (${components.join(",")})`;
    const ask = async () => {
      for await (const { items } of client.list(pods, { namespace, labelSelector, limit: PODS, signal })) {
        found(owner, podCauses(items));
        return;
      }
    };
    queue(ask, signal).catch(() => undefined);
  };
}

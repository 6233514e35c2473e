import type { Context } from "../../../access/context.ts";
import { type KubernetesClient, KubernetesError } from "../../../platform/kubernetes/kubernetes.ts";
import { clusterUnavailable, notConnected } from "./clusterUnavailable.ts";

/**
 * The answer of a cluster. Throws CLUSTER_UNAVAILABLE if Houston has no connection to it, and, with the cause, if it cannot
 * be reached or refuses. `what` completes "cannot …".
 */
export async function askCluster<T>(
  ctx: Pick<Context, "config" | "connections">,
  clusterId: string,
  what: string,
  ask: (client: KubernetesClient) => Promise<T>,
): Promise<T> {
  return askIfConnected(ctx, clusterId, what, async (client) => {
    if (!client) throw notConnected(ctx.config, what);
    return ask(client);
  });
}

/** The same for what is also possible without a connection: then `client` is undefined. */
export async function askIfConnected<T>(
  { connections }: Pick<Context, "connections">,
  clusterId: string,
  what: string,
  ask: (client: KubernetesClient | undefined) => Promise<T>,
): Promise<T> {
  try {
    return await ask(await connections.clientFor(clusterId));
  } catch (error) {
    if (error instanceof KubernetesError) throw clusterUnavailable(what, error.message);
    throw error;
  }
}

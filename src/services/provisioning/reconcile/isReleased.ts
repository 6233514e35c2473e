import type { KubernetesClient } from "../../../platform/kubernetes/kubernetes.ts";
import { helmReleases } from "../../../platform/kubernetes/resources.ts";
import { REVISION } from "../objects/helmRelease.ts";
import { releaseRecord } from "../status/releaseRecord.ts";

/** True if Flux has installed this revision of a release, or upgraded to it, and it ran. */
export async function isReleased(
  client: KubernetesClient,
  { namespace, releaseName, revision }: { namespace: string; releaseName: string; revision: number },
  signal: AbortSignal,
): Promise<boolean> {
  const release = await client.get({ resource: helmReleases, namespace, name: releaseName }, signal);
  if (release?.metadata.annotations?.[REVISION] !== `${revision}`) return false;
  const { generation, attempted, conditions } = releaseRecord(release, 0);
  return attempted >= generation && conditions.Ready?.status === "True";
}

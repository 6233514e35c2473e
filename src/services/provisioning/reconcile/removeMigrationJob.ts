import type { KubernetesClient } from "../../../platform/kubernetes/kubernetes.ts";
import { jobs } from "../../../platform/kubernetes/resources.ts";
import { helmReleaseName } from "../values/names.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";

/**
 * Removes the finished Job that migrated the database for an earlier revision. The chart keeps it for five minutes, and a Job
 * cannot be changed: an upgrade within that time would fail. One that runs is left to Flux, which tries again.
 */
export async function removeMigrationJob(
  client: KubernetesClient,
  { releaseName, namespace }: Pick<WantedDeployment, "releaseName" | "namespace">,
  signal: AbortSignal,
): Promise<void> {
  const ref = { resource: jobs, namespace, name: `${helmReleaseName(releaseName)}-run-airflow-migrations` };
  const job = await client.get(ref, signal);
  if (!job || Number(job.status?.active ?? 0) > 0) return;
  const { uid } = job.metadata;
  await client.delete(ref, { ...(uid !== undefined && { uid }), signal });
}

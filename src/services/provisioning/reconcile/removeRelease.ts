import type { Provision } from "../../../generated/prisma/client.ts";
import type { KubernetesClient, KubernetesObject, ObjectRef } from "../../../platform/kubernetes/kubernetes.ts";
import { helmReleases, namespaces, secrets } from "../../../platform/kubernetes/resources.ts";
import { dropDatabase } from "../databases/releaseDatabase.ts";
import type { Poke } from "../jobs/provisionJob.ts";
import { secretNamesOf } from "../values/names.ts";
import { belongsTo } from "./belongsTo.ts";
import { poke } from "./poke.ts";
import { noProblem } from "./problem.ts";
import type { ReconcileServices } from "./reconcile.ts";
import { Waiting } from "./waiting.ts";

/** The watch adds the job as soon as the HelmRelease is gone; this is for when it missed that. In milliseconds. */
const RELEASE_CHECK = 60_000;
/** Nothing watches namespaces. In milliseconds. */
const NAMESPACE_CHECK = 3_000;
/** How long a namespace usually takes at most, until its pods have ended. In milliseconds. */
const NAMESPACE_PATIENCE = 60_000;

/**
 * Removes a release from its cluster: the HelmRelease, and once that is gone, its Secrets; to `remove` for good, also the
 * Namespace, the database and the row. Throws `Waiting` while something is still there.
 *
 * helm-controller skips the uninstall without a word if what it needs is gone, so the order matters.
 */
export async function removeRelease(
  { config, connections, db, now }: ReconcileServices,
  provision: Provision,
  { kind, why, signal }: { kind: "stop" | "remove"; why: Poke | undefined; signal: AbortSignal },
): Promise<void> {
  const { id, clusterId, releaseName, namespace } = provision;
  // A problem is one of applying it again after that, and ends here.
  if (kind === "stop" && provision.removedAt !== null && provision.problemSince === null) return;
  const client = await connections.clientFor(clusterId);
  // A cluster that Houston no longer knows has nothing that Houston could remove.
  if (client) {
    const release = { resource: helmReleases, namespace, name: releaseName };
    if ((await removeOwn(client, release, id, signal)) && (await client.get(release, signal))) {
      if (why) await poke(client, release, { why, at: now(), signal });
      throw new Waiting("The HelmRelease is being removed", RELEASE_CHECK, { isPoked: true });
    }
    const { metadata, ...others } = secretNamesOf(releaseName);
    for (const name of [...Object.values(others), ...(kind === "remove" ? [metadata] : [])])
      await removeOwn(client, { resource: secrets, namespace, name }, id, signal);
    if (kind === "remove" && provision.ownsNamespace) {
      const ref = { resource: namespaces, name: namespace };
      if (await removeOwn(client, ref, id, signal)) {
        const problem = problemOf(await client.get(ref, signal), now());
        throw new Waiting("The namespace is being removed", NAMESPACE_CHECK, { problem });
      }
    }
  }
  if (kind === "stop") {
    await db.provision.update({ where: { id }, data: { removedAt: now(), ...noProblem } });
    return;
  }
  const { database } = config.deployments;
  // A Deployment that got the same name has nothing there yet: it waits until this row is gone.
  if (database.enabled && !database.retainOnDelete) await dropDatabase(config.deployments, provision);
  await db.provision.deleteMany({ where: { id } });
}

/** What keeps a namespace from going, as Kubernetes tells it; undefined while there is nothing unusual. */
function problemOf(namespace: KubernetesObject | undefined, now: Date): string | undefined {
  const { deletionTimestamp } = namespace?.metadata ?? {};
  if (deletionTimestamp === undefined || now.getTime() < Date.parse(deletionTimestamp) + NAMESPACE_PATIENCE)
    return undefined;
  const conditions = (namespace?.status?.conditions ?? []) as { type: string; status: string; message?: string }[];
  const reasons = conditions.filter(({ status }) => status === "True").flatMap(({ message }) => message ?? []);
  return ["The namespace cannot be removed", ...reasons].join(": ");
}

/** Requests the deletion of an object if it belongs to the Deployment. True if it did: it may take a while to go. */
async function removeOwn(
  client: KubernetesClient,
  ref: ObjectRef,
  deploymentId: string,
  signal: AbortSignal,
): Promise<boolean> {
  const object = await client.get(ref, signal);
  if (!object || !belongsTo(object, deploymentId)) return false;
  const { uid, deletionTimestamp } = object.metadata;
  if (deletionTimestamp !== undefined) return true;
  return client.delete(ref, { ...(uid !== undefined && { uid }), signal });
}

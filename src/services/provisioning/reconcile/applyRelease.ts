import { Prisma, type Provision } from "../../../generated/prisma/client.ts";
import type { KubernetesClient, KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";
import { helmReleases, namespaces, secrets } from "../../../platform/kubernetes/resources.ts";
import { connectionsOf, databaseNameOf, ensureDatabase } from "../databases/releaseDatabase.ts";
import { addJobs } from "../jobs/addJobs.ts";
import { type Poke, queuedAs } from "../jobs/provisionJob.ts";
import { objectsDigest } from "../objects/digestOf.ts";
import { objectsOf, type WantedObjects } from "../objects/objectsOf.ts";
import { readSignInPackage } from "../objects/readSignInPackage.ts";
import type { WantedState } from "../wanted/readWish.ts";
import { belongsTo } from "./belongsTo.ts";
import { isReleased } from "./isReleased.ts";
import { poke } from "./poke.ts";
import { noProblem } from "./problem.ts";
import { provisionOf, revisionOf } from "./provisionRow.ts";
import type { ReconcileServices } from "./reconcile.ts";
import { openReleaseKeys } from "./releaseKeys.ts";
import { Waiting } from "./waiting.ts";

/** How long until a name that is not free yet is tried again. In milliseconds. */
const NAME_CHECK = 3_000;

const signIn = readSignInPackage();

const resources = new Map([namespaces, secrets, helmReleases].map((resource) => [resource.kind, resource]));

/**
 * Applies a Deployment to its cluster: its database, then the Namespace, the Secrets and the HelmRelease. Throws
 * ValuesError if its chart cannot express the state, and `Waiting` while an earlier release has its name.
 */
export async function applyRelease(
  services: ReconcileServices,
  state: WantedState,
  { why, signal }: { why: Poke | undefined; signal: AbortSignal },
): Promise<void> {
  const { config, db, secrets: box, now } = services;
  const { id, namespace, releaseName, settings } = state;
  const client = await clientOf(services, state);
  const stored = await provisionOf(db, box, state);
  const keys = openReleaseKeys(box, id, stored.keys);
  const celery = state.config.executor === "CeleryExecutor";
  const connections = connectionsOf(settings, { releaseName, celery }, keys);
  const at = (revision: number, onFailedUpgrade: "retry" | "rollback") =>
    objectsOf({ ...state, revision }, keys, connections, { config, signIn, onFailedUpgrade });

  const runs = () => isReleased(client, stored, signal);
  const next = await revisionOf(db, stored, state, objectsDigest(at(0, "retry").objects), runs);
  const { objects, secretNames } = at(next.revision, next.onFailedUpgrade === "rollback" ? "rollback" : "retry");
  if (stored.appliedRevision === 0 || stored.removedAt !== null) await assertFree(client, state, signal);
  if (settings.database.enabled && !(await ensureDatabase(settings, state, keys))) throw databaseTaken(releaseName);
  const ownsNamespace = await applyNamespace(services, { client, objects, stored, signal });
  // The watch, which sees the change at once, must not find an old problem, and a deletion must find that something may be
  // there, even if the rest fails. `problemSince` stays until all has succeeded.
  if (stored.problem !== null || stored.removedAt !== null)
    await db.provision.update({ where: { id }, data: { problem: null, removedAt: null } });
  await applyOthers(client, objects, signal);
  if (stored.appliedRevision !== next.revision) await removeUnused(client, stored, { objects, secretNames }, signal);
  // Also after a problem: the watch then tells the status again, even if nothing else has changed.
  const reason = why ?? (stored.problemSince === null ? undefined : "resync");
  const release = { resource: helmReleases, namespace, name: releaseName };
  if (reason) await poke(client, release, { why: reason, at: now(), signal });
  const data = { appliedRevision: next.revision, ownsNamespace, removedAt: null, ...noProblem };
  await db.provision.update({ where: { id }, data });
}

/** Throws `Waiting` while somebody else has a HelmRelease of this name there: applying would take it over. */
async function assertFree(client: KubernetesClient, { id, namespace, releaseName }: WantedState, signal: AbortSignal) {
  const found = await client.get({ resource: helmReleases, namespace, name: releaseName }, signal);
  if (!found || belongsTo(found, id)) return;
  const problem = `Namespace ${namespace} has a HelmRelease ${releaseName} that is not this Deployment's`;
  throw new Waiting("The name of the HelmRelease is taken", 60_000, { problem });
}

function databaseTaken(releaseName: string): Waiting {
  const problem = `The database server has a user or a database ${databaseNameOf(releaseName)} that is not this Deployment's`;
  return new Waiting("The name of the database is taken", 60_000, { problem });
}

async function clientOf({ connections, db }: ReconcileServices, state: WantedState): Promise<KubernetesClient> {
  const { id, clusterId, releaseName, namespace } = state;
  const client = await connections.clientFor(clusterId);
  if (!client)
    throw new Waiting("The cluster has no connection", 60_000, { problem: "Houston has no connection to the cluster" });
  // Of a Deployment that was removed: its objects have the same names, and its database has, also for another cluster.
  const earlier = await db.provision.findFirst({ where: { releaseName, NOT: { id } }, select: { id: true } });
  if (earlier) {
    // Nothing else may have asked for its removal: a deleted Workspace takes its deleted Deployments along. A job in place of
    // another begins to count its attempts again, so that a temporary failure would never be told.
    await addJobs(
      db,
      Prisma.sql`SELECT p.id FROM "Provision" p WHERE p.id = ${earlier.id} AND (p."problemSince" IS NOT NULL
        OR NOT EXISTS (SELECT FROM graphile_worker.jobs j
          WHERE j.key = ${queuedAs(earlier.id).jobKey} AND j.attempts < j.max_attempts))`,
    );
    throw new Waiting("An earlier release of this name is being removed", NAME_CHECK);
  }
  const where = { clusterId, namespace, ownsNamespace: true, NOT: { id } };
  if (await db.provision.findFirst({ where, select: { id: true } })) {
    const problem = `Namespace ${namespace} belongs to another Deployment, and is removed with that`;
    throw new Waiting("The namespace belongs to another Deployment", 60_000, { problem });
  }
  return client;
}

interface Applying {
  client: KubernetesClient;
  objects: readonly KubernetesObject[];
  stored: Provision;
  signal: AbortSignal;
}

/** Applies the Namespace unless somebody else made it. True if it is Houston's, which then removes it in the end. */
async function applyNamespace(
  { db }: ReconcileServices,
  { client, objects, stored, signal }: Applying,
): Promise<boolean> {
  const namespace = objects.find(({ kind }) => kind === namespaces.kind);
  if (!namespace) return false;
  const { name } = namespace.metadata;
  const found = await client.get({ resource: namespaces, name }, signal);
  if (found?.metadata.deletionTimestamp !== undefined)
    throw new Waiting("An earlier namespace of this name is being removed", NAME_CHECK);
  if (found && !belongsTo(found, stored.id)) return false;
  // Before it exists: what follows may fail for good, and it is removed all the same.
  if (!stored.ownsNamespace) await db.provision.update({ where: { id: stored.id }, data: { ownsNamespace: true } });
  await client.apply(namespace, namespaces, signal);
  return true;
}

/** Applies the Secrets together, and the HelmRelease that needs them at last. */
async function applyOthers(
  client: KubernetesClient,
  objects: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<void> {
  const apply = (object: KubernetesObject) => {
    const resource = resources.get(object.kind);
    if (!resource) throw new Error(`No resource for ${object.kind}`);
    return client.apply(object, resource, signal);
  };
  await Promise.all(objects.filter(({ kind }) => kind === secrets.kind).map(apply));
  for (const release of objects.filter(({ kind }) => kind === helmReleases.kind)) await apply(release);
}

/** Removes the Secrets that an earlier state needed. */
async function removeUnused(
  client: KubernetesClient,
  { id, namespace }: Provision,
  { objects, secretNames }: WantedObjects,
  signal: AbortSignal,
): Promise<void> {
  const used = new Set(objects.filter(({ kind }) => kind === secrets.kind).map(({ metadata }) => metadata.name));
  for (const name of secretNames.filter((one) => !used.has(one))) {
    const ref = { resource: secrets, namespace, name };
    const found = await client.get(ref, signal);
    if (found && belongsTo(found, id)) await client.delete(ref, { signal });
  }
}

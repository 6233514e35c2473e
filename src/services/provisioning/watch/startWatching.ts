import type { Services } from "../../../access/context.ts";
import { holdLease, type Lease } from "../../../platform/database/lease.ts";
import { addJob, type JobOptions } from "../../../platform/jobs/addJob.ts";
import type { KubernetesClient } from "../../../platform/kubernetes/kubernetes.ts";
import { PROVISION, queuedAs } from "../jobs/provisionJob.ts";
import type { Poke } from "../reconcile/poke.ts";
import { timingsOf } from "../status/timings.ts";
import { addMissed } from "./addMissed.ts";
import { partsOf } from "./owner.ts";
import { storeStatuses } from "./storeStatuses.ts";
import { watchCluster } from "./watchCluster.ts";

/** What watching needs of the server. */
export type WatchServices = Pick<Services, "config" | "db" | "pool" | "log" | "now" | "connections">;

/** The watches of one process. */
export interface Watching {
  /** Looks for new clusters, and for changed connections, now. Otherwise it does every 30 seconds. */
  reread(): Promise<void>;
  /** Ends the watches, so that another process takes over at once. */
  stop(): Promise<void>;
}

/** Milliseconds after which the connections are read again. */
const REREAD = 30_000;

/** Milliseconds after which Flux is asked to look at a release that lost workloads. It may be about to say why itself. */
const ASKED_AFTER = 3_000;

interface Watched {
  client: KubernetesClient;
  stop(): Promise<void>;
}

/**
 * Watches every cluster that Houston has a connection to and stores the status of its Deployments, for all processes: the
 * one that holds the lease of a cluster does it. `ttl` is that of the leases, in milliseconds.
 */
export function startWatching(services: WatchServices, { ttl }: { ttl?: number } = {}): Watching {
  const { pool, log, connections } = services;
  const watched = new Map<string, Watched>();

  const read = async () => {
    const ids = await connections.clusterIds();
    const ended = [...watched.keys()].filter((id) => !ids.includes(id));
    await Promise.all([...ended.map(end), ...ids.map(begin)]);
  };
  const end = async (clusterId: string) => {
    const former = watched.get(clusterId);
    watched.delete(clusterId);
    await former?.stop();
  };
  const begin = async (clusterId: string) => {
    const client = await connections.clientFor(clusterId).catch((error: Error) => {
      log.warn({ clusterId, reason: error.message }, "Could not connect to a cluster");
    });
    if (watched.get(clusterId)?.client === client) return;
    await end(clusterId);
    if (!client) return;
    const work = (signal: AbortSignal, lease: Lease) => watch(services, { clusterId, client, lease, signal });
    const { stop } = holdLease({ pool, name: `watch:${clusterId}`, work, log, ...(ttl !== undefined && { ttl }) });
    watched.set(clusterId, { client, stop });
  };

  let reading: Promise<void> = Promise.resolve();
  const reread = () => {
    reading = reading.then(read).catch((error: Error) => {
      log.warn({ reason: error.message }, "Could not read which clusters to watch; will try again");
    });
    return reading;
  };
  const timer = setInterval(reread, REREAD);
  void reread();
  return {
    reread,
    async stop() {
      clearInterval(timer);
      await reading;
      await Promise.all([...watched.keys()].map(end));
    },
  };
}

/** Watches one cluster until the signal aborts. */
async function watch(
  { config, db, pool, log, now }: WatchServices,
  {
    clusterId,
    client,
    lease,
    signal,
  }: { clusterId: string; client: KubernetesClient; lease: Lease; signal: AbortSignal },
): Promise<void> {
  const failed = (error: Error) =>
    log.warn({ clusterId, reason: error.message }, "Could not add the job of a release of which something has gone");
  const add = async (owner: string, payload: { change?: Poke } = {}, options: JobOptions = {}) => {
    const { namespace, deploymentId } = partsOf(owner);
    const where = { id: deploymentId, namespace, clusterId };
    if (await db.provision.findFirst({ where, select: { id: true } }))
      await addJob(db, PROVISION, { deploymentId, ...payload }, { ...queuedAs(deploymentId), ...options });
  };
  const workloadGone = (owner: string) => {
    const runAt = new Date(now().getTime() + ASKED_AFTER);
    return add(owner, { change: "resync" }, { runAt, unlessWaiting: true });
  };
  const stored = storeStatuses({ pool, clusterId, lease, log, signal });
  let isFirst = true;
  let isLost = false;
  log.info({ clusterId }, "Watching a cluster");
  await watchCluster({
    client,
    platformRelease: config.helm.releaseName,
    namespaces: config.kubernetes.namespaced ? config.deployments.preCreatedNamespaces : undefined,
    timings: timingsOf(config.flux),
    lostAfter: config.kubernetes.lostAfter,
    now,
    signal,
    listener: {
      changed: stored.changed,
      listed(states) {
        stored.listed(states);
        // Nobody may have watched for a while.
        if (isFirst || isLost) addMissed(pool, clusterId, [...states.keys()]).catch(failed);
        isFirst = false;
        if (isLost) log.info({ clusterId }, "A cluster can be reached again");
        isLost = false;
      },
      gone: (owner) => void add(owner).catch(failed),
      workloadGone: (owner) => void workloadGone(owner).catch(failed),
      lost(since, cause) {
        log.warn({ clusterId, since, reason: cause }, "A cluster is out of reach");
        isLost = true;
        stored.lost(since, cause);
      },
    },
  });
}

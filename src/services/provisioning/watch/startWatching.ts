import { setTimeout as sleep } from "node:timers/promises";
import type { Services } from "../../../access/context.ts";
import { Prisma } from "../../../generated/prisma/client.ts";
import { holdLease, type Lease } from "../../../platform/database/lease.ts";
import type { KubernetesClient } from "../../../platform/kubernetes/kubernetes.ts";
import { addJobs } from "../jobs/addJobs.ts";
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

/** Milliseconds after which Flux is told to check a release that lost workloads, unless it has begun to by itself. */
const ASKED_AFTER = 3_000;

/** Milliseconds after which jobs that could not be added are added again. */
const RETRIED_AFTER = 1_000;

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
    let client: KubernetesClient | undefined;
    try {
      client = await connections.clientFor(clusterId);
    } catch (error) {
      // What is watched already goes on.
      return log.warn({ clusterId, reason: (error as Error).message }, "Could not connect to a cluster");
    }
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
  /** Tries to add jobs until it succeeds, or until another process watches, which then looks for what was missed. */
  const persist = async (addAll: () => Promise<unknown>): Promise<void> => {
    do {
      try {
        await addAll();
        return;
      } catch (error) {
        const reason = (error as Error).message;
        log.warn({ clusterId, reason }, "Could not add the job of a Deployment that lost objects; will try again");
      }
    } while (await sleep(RETRIED_AFTER, true, { signal }).catch(() => false));
  };
  const add = (owner: string, options: Parameters<typeof addJobs>[2] = {}) => {
    const { namespace, deploymentId: id } = partsOf(owner);
    const known = Prisma.sql`SELECT id FROM "Provision"
      WHERE id = ${id} AND namespace = ${namespace} AND "clusterId" = ${clusterId}`;
    void persist(() => addJobs(db, known, options));
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
        if (isFirst || isLost) void persist(() => addMissed(db, clusterId, [...states.keys()]));
        isFirst = false;
        if (isLost) log.info({ clusterId }, "A cluster can be reached again");
        isLost = false;
      },
      releaseGone: (owner) => add(owner),
      workloadGone: (owner) => add(owner, { change: "resync", after: ASKED_AFTER }),
      lost(since, cause) {
        log.warn({ clusterId, since, reason: cause }, "A cluster is out of reach");
        isLost = true;
        stored.lost(since, cause);
      },
    },
  });
}

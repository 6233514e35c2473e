import { queueBeyond } from "../../../platform/concurrency.ts";
import type { KubernetesClient, KubernetesObject, Resource } from "../../../platform/kubernetes/kubernetes.ts";
import { deployments, helmReleases, statefulSets } from "../../../platform/kubernetes/resources.ts";
import type { DeploymentState } from "../status/statusOf.ts";
import type { Timings } from "../status/timings.ts";
import { DEPLOYMENT_LABEL, MANAGED_BY, RELEASE_LABEL } from "../values/labels.ts";
import { type Collection, collectObjects } from "./collectObjects.ts";
import { createAlarm } from "./createAlarm.ts";
import { createLookups } from "./createLookups.ts";
import { createRecords } from "./deploymentRecords.ts";
import { followObjects } from "./followObjects.ts";
import { createReachability } from "./reachability.ts";

/** Whom a watch tells what it sees. Deployments are given as owners (owner.ts): those in a foreign namespace mean nothing. */
export interface ClusterListener {
  /**
   * The states of all Deployments that have a HelmRelease: once everything was listed, when the cluster can be reached again
   * after `lost`, and every minute, which mends what others wrote.
   */
  listed(states: ReadonlyMap<string, DeploymentState>): void;
  /** The states of Deployments that have changed since. */
  changed(states: ReadonlyMap<string, DeploymentState>): void;
  /** The HelmRelease of this Deployment does not exist any more. */
  releaseGone(owner: string): void;
  /** A workload does not exist any more although Flux had nothing to do. */
  workloadGone(owner: string): void;
  /** The cluster could not be asked for `lostAfter`: since when, and why in words. */
  lost(since: Date, cause: string): void;
}

/** Options of `watchCluster`. */
export interface WatchOptions {
  client: KubernetesClient;
  /** `helm.releaseName`: only HelmReleases of this installation of Houston are watched. null: all that Houston manages. */
  platformRelease: string | null;
  /** Watched one by one; undefined: all namespaces with one watch. */
  namespaces: readonly string[] | undefined;
  timings: Timings;
  /** Milliseconds for which the cluster may be out of reach. */
  lostAfter: number;
  now(): Date;
  listener: ClusterListener;
  signal: AbortSignal;
}

/** Lists read at the same time: a page is some megabytes. */
const MAX_LISTS = 1;

/** The share of `lostAfter` after which a silent server is asked whether it is still there. */
const SILENT_AFTER = 1 / 4;

/** How often all states are told again, in milliseconds. */
const RETOLD = 60_000;

/**
 * Watches the HelmReleases of Deployments and the workloads behind them, until the signal aborts. Keeps a small record of
 * each, whatever its objects contain.
 */
export async function watchCluster(options: WatchOptions): Promise<void> {
  const { client, platformRelease, namespaces, timings, lostAfter, now, listener, signal } = options;
  const alarm = createAlarm(now, () => records.due().forEach(touch));
  const records = createRecords(timings, now, alarm.setBy);
  const touched = new Set<string>();
  let unlisted = 0;
  let telling: NodeJS.Immediate | undefined;

  const touch = (owner: string) => {
    touched.add(owner);
    // Once all events that have arrived are read.
    telling ??= setImmediate(tell);
  };
  const ask = createLookups({
    client,
    signal,
    found(owner, causes) {
      records.putCauses(owner, causes);
      touch(owner);
    },
  });
  const lookUp = (owner: string) => {
    const missing = records.missing(owner);
    if (missing) ask(owner, missing);
  };
  const tell = () => {
    telling = undefined;
    if (unlisted > 0 || reachability.isLost) return;
    const states = new Map<string, DeploymentState>();
    for (const owner of touched) {
      const state = records.newState(owner);
      if (state) states.set(owner, state);
      lookUp(owner);
    }
    touched.clear();
    if (states.size > 0) listener.changed(states);
  };
  const tellAll = () => {
    if (unlisted > 0 || reachability.isLost) return;
    touched.clear();
    const states = records.states();
    listener.listed(states);
    for (const owner of states.keys()) lookUp(owner);
  };
  const reachability = createReachability({ lostAfter, now, lost: listener.lost, found: tellAll });

  const releases: Collection = {
    put(owner, key, object) {
      if (isCopy(object)) return;
      if (records.putRelease(owner, key, object)) listener.releaseGone(owner);
      touch(owner);
    },
    removed(owner, key) {
      if (!records.removeRelease(owner, key)) return;
      listener.releaseGone(owner);
      touch(owner);
    },
  };
  const workloads: Collection = {
    put(owner, key, object) {
      records.putWorkload(owner, key, object);
      touch(owner);
    },
    removed(owner, key) {
      if (records.removeWorkload(owner, key)) listener.workloadGone(owner);
      touch(owner);
    },
  };
  const ours = selectorOf({
    ...MANAGED_BY,
    ...(platformRelease !== null && { "platform-release": platformRelease }),
  });
  const kinds: readonly [Resource, Collection, string][] = [
    [helmReleases, releases, ours],
    [deployments, workloads, DEPLOYMENT_LABEL],
    [statefulSets, workloads, DEPLOYMENT_LABEL],
  ];
  const queue = queueBeyond(MAX_LISTS);
  const follow = ([resource, collection, labelSelector]: (typeof kinds)[number], namespace: string | undefined) => {
    const objects = collectObjects(collection);
    let isListed = false;
    unlisted += 1;
    const listed = () => {
      objects.listed();
      if (isListed) return;
      isListed = true;
      unlisted -= 1;
      tellAll();
    };
    return followObjects({
      ...{ client, resource, queue, signal, silence: lostAfter * SILENT_AFTER },
      scope: { labelSelector, ...(namespace !== undefined && { namespace }) },
      follower: { ...objects, ...reachability.source(), listed },
    });
  };
  const retelling = setInterval(tellAll, RETOLD);
  const scopes = namespaces ?? [undefined];
  try {
    await Promise.all(kinds.flatMap((kind) => scopes.map((namespace) => follow(kind, namespace))));
  } finally {
    clearInterval(retelling);
    clearImmediate(telling);
    alarm.stop();
    reachability.stop();
  }
}

/** True for a HelmRelease that somebody made of one of Houston's, with its labels and another name. */
const isCopy = ({ metadata: { name, labels } }: KubernetesObject) =>
  labels?.[RELEASE_LABEL] !== undefined && labels[RELEASE_LABEL] !== name;

const selectorOf = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");

import type { KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";
import { type ReleaseRecord, releaseRecord } from "../status/releaseRecord.ts";
import { type DeploymentState, isAtRest, statusOf } from "../status/statusOf.ts";
import type { Timings } from "../status/timings.ts";
import { runs, type WorkloadRecord, workloadRecord } from "../status/workloadRecord.ts";

/** Milliseconds after which the causes of missing pods are asked for again. */
const ASKED_AGAIN = 30_000;

/** What is known of one Deployment. */
interface Known {
  /** Its HelmRelease, and which one that is. */
  release?: { key: string; uid: string | undefined; record: ReleaseRecord };
  /** By kind, namespace and name. */
  workloads: Map<string, WorkloadRecord>;
  /** Why pods do not run, by component, and when that was asked for, in milliseconds. Only while some do not run. */
  causes?: ReadonlyMap<string, string>;
  askedAt?: number;
  /** The last state that was told, as text. */
  told?: string;
  /** When its state may change by itself, in milliseconds. */
  recheckAt: number;
}

/** The records of all Deployments of a cluster, by owner. */
export interface DeploymentRecords {
  /** Returns true if it replaces another HelmRelease of the same name, which was removed. */
  putRelease(owner: string, key: string, object: KubernetesObject): boolean;
  /** Returns false if the Deployment has another HelmRelease by now. */
  removeRelease(owner: string, key: string): boolean;
  putWorkload(owner: string, key: string, object: KubernetesObject): void;
  /** Returns true if Flux has not removed it: it is done with the release. */
  removeWorkload(owner: string, key: string): boolean;
  /** The components whose pods are missing although Flux is done, if it is time to ask why. */
  missing(owner: string): readonly string[] | undefined;
  /** Adds the causes that were found. */
  putCauses(owner: string, causes: ReadonlyMap<string, string>): void;
  /** The current state of a Deployment, unless it was told last and Flux was not asked to look again since. */
  newState(owner: string): DeploymentState | undefined;
  /** The current states of all Deployments that have a HelmRelease. */
  states(): Map<string, DeploymentState>;
  /** The Deployments whose state may have changed by itself. Tells `recheckBy` when the next one is due. */
  due(): string[];
}

/** Keeps only what statuses depend on. `recheckBy` is told when some state may change by itself, in milliseconds. */
export function createRecords(timings: Timings, now: () => Date, recheckBy: (time: number) => void): DeploymentRecords {
  const all = new Map<string, Known>();
  const knownOf = (owner: string): Known => {
    const known = all.get(owner) ?? { workloads: new Map(), recheckAt: Number.POSITIVE_INFINITY };
    all.set(owner, known);
    return known;
  };
  const forgetIfEmpty = (owner: string, { release, workloads }: Known) => {
    if (!release && workloads.size === 0) all.delete(owner);
  };
  const stateOf = (known: Known | undefined): DeploymentState => {
    const state = statusOf(known?.release?.record, known ? workloadsOf(known) : [], now(), timings);
    if (known) {
      // Also told again after each request to look again: until then, a problem may have replaced the status.
      known.told = `${state.status} ${state.isStuck} ${state.reason} ${known.release?.record.request}`;
      known.recheckAt = state.recheckAt?.getTime() ?? Number.POSITIVE_INFINITY;
      if (state.recheckAt) recheckBy(known.recheckAt);
    }
    return state;
  };
  return {
    putRelease(owner, key, object) {
      const known = knownOf(owner);
      const { uid } = object.metadata;
      const isAnother = known.release?.key === key && known.release.uid !== uid;
      const previous = isAnother ? undefined : known.release?.record;
      known.release = { key, uid, record: releaseRecord(object, now().getTime(), previous) };
      return isAnother;
    },
    removeRelease(owner, key) {
      const known = all.get(owner);
      if (known?.release?.key !== key) return false;
      delete known.release;
      forgetIfEmpty(owner, known);
      return true;
    },
    putWorkload(owner, key, object) {
      const { workloads } = knownOf(owner);
      workloads.set(key, workloadRecord(object, now().getTime(), workloads.get(key)));
    },
    removeWorkload(owner, key) {
      const known = all.get(owner);
      if (!known?.workloads.delete(key)) return false;
      forgetIfEmpty(owner, known);
      return known.release !== undefined && isAtRest(known.release.record);
    },
    missing(owner) {
      const known = all.get(owner);
      const { Ready } = known?.release?.record.conditions ?? {};
      if (!known?.release || (Ready?.status !== "True" && Ready?.status !== "False")) return undefined;
      const stopped = [...known.workloads.values()].filter((workload) => !runs(workload));
      const time = now().getTime();
      if (stopped.length === 0) {
        delete known.causes;
        delete known.askedAt;
      }
      const components = stopped.filter(({ cause }) => !cause).map(({ component }) => component);
      if (components.length === 0 || time < (known.askedAt ?? 0) + ASKED_AGAIN) return undefined;
      known.askedAt = time;
      return components;
    },
    putCauses(owner, causes) {
      const known = all.get(owner);
      if (known) known.causes = causes;
    },
    newState(owner) {
      const known = all.get(owner);
      const told = known?.told;
      const state = stateOf(known);
      return known && known.told === told ? undefined : state;
    },
    states() {
      const released = [...all].filter(([, { release }]) => release);
      return new Map(released.map(([owner, known]) => [owner, stateOf(known)]));
    },
    due() {
      const time = now().getTime();
      const due: string[] = [];
      let next = Number.POSITIVE_INFINITY;
      for (const [owner, { recheckAt }] of all) {
        if (recheckAt <= time) due.push(owner);
        else next = Math.min(next, recheckAt);
      }
      if (next < Number.POSITIVE_INFINITY) recheckBy(next);
      return due;
    },
  };
}

/** Its workloads, with the causes that their own objects do not have. */
function workloadsOf({ workloads, causes }: Known): WorkloadRecord[] {
  if (!causes) return [...workloads.values()];
  return [...workloads.values()].map((one) => ({ ...one, cause: one.cause ?? causes.get(one.component) }));
}

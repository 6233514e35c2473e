import type { DeploymentStatusType } from "../../../generated/prisma/enums.ts";
import { lineOf } from "./fields.ts";
import { causeOf, failureOf, instant } from "./reasons.ts";
import type { ReleaseRecord } from "./releaseRecord.ts";
import type { Timings } from "./timings.ts";
import { runs, type WorkloadRecord } from "./workloadRecord.ts";

/** Longest reason, in characters. */
const MAX_REASON = 1_000;

/** What a Deployment is in, and why. */
export interface DeploymentState {
  status: DeploymentStatusType;
  /** In words; at most 1,000 characters. Null if all is well. */
  reason: string | null;
  /** When to look again: the state may change by then although nothing happens. */
  recheckAt?: Date;
  /** It is to be removed from the cluster, and that does not happen. */
  isStuck?: true;
}

/** The state of a Deployment without a HelmRelease. */
export const NO_RELEASE = { status: "UNKNOWN", reason: "There is no HelmRelease on the cluster" } as const;

/** What the rows of the table look at. */
interface Observed {
  release: ReleaseRecord;
  workloads: readonly WorkloadRecord[];
  now: number;
  timings: Timings;
}

/** A row of the table: the state if it applies. */
type Row = (observed: Observed) => DeploymentState | undefined;

/**
 * The state of a Deployment from its HelmRelease and the workloads behind it. The first row that applies decides. It only
 * depends on its arguments, and never throws.
 */
export function statusOf(
  release: ReleaseRecord | undefined,
  workloads: readonly WorkloadRecord[],
  now: Date,
  timings: Timings,
): DeploymentState {
  if (!release) return NO_RELEASE;
  const observed = { release, workloads, now: now.getTime(), timings };
  for (const row of ROWS) {
    const found = row(observed);
    if (found) return found;
  }
  return waiting(observed, "UNKNOWN", causeOf(release.conditions.Ready) ?? "Flux does not say whether it is ready");
}

/** The table of statuses: docs/decisions/0018-provisioning.md. */
const ROWS: readonly Row[] = [
  // Flux tries to uninstall again and again, so it is not silent.
  ({ release }) =>
    cannotUninstall(release)
      ? { ...state("UNHEALTHY", `It cannot be removed: ${causeOf(release.conditions.Ready)}`), isStuck: true }
      : undefined,
  silent,
  (observed) =>
    observed.release.hasStatus ? undefined : waiting(observed, "UNKNOWN", "Flux has not reported a status yet"),
  (observed) =>
    observed.release.deletedAt === undefined
      ? undefined
      : waiting(observed, "DEPLOYING", "It is being removed from the cluster"),
  (observed) => failed(observed, "Stalled", "True"),
  (observed) =>
    isPending(observed.release) ? waiting(observed, "DEPLOYING", "Flux has not begun with the last change") : undefined,
  (observed) =>
    isWorking(observed.release)
      ? waiting(observed, "DEPLOYING", observed.release.conditions.Reconciling?.message || "Flux is applying a change")
      : undefined,
  fetching,
  (observed) => failed(observed, "Ready", "False"),
  (observed) => (observed.release.conditions.Ready?.status === "True" ? ready(observed) : undefined),
];

const cannotUninstall = ({ deletedAt, conditions: { Ready } }: ReleaseRecord) =>
  deletedAt !== undefined && Ready?.status === "False" && Ready.reason === "UninstallFailed";

const isPending = ({ generation, attempted }: ReleaseRecord) => generation > attempted;

/** True if Flux has applied the last change, and is not to remove it. */
export const isAtRest = (release: ReleaseRecord): boolean =>
  release.deletedAt === undefined && !isPending(release) && release.conditions.Ready?.status === "True";

const isWorking = ({ conditions: { Ready, Reconciling } }: ReleaseRecord) =>
  Reconciling?.status === "True" && Ready?.status === "Unknown";

/** Since when Flux should have done something that it has not done yet, in milliseconds. */
function awaitedSince(release: ReleaseRecord): number[] {
  // A deletion counts as a change of the wanted state, but nothing of that will be applied any more.
  if (release.deletedAt !== undefined) return [release.deletedAt];
  const since: number[] = [];
  if (!release.hasStatus || isPending(release)) since.push(release.changedAt);
  if (release.requestedAt !== undefined) since.push(release.requestedAt);
  const { Ready, Reconciling } = release.conditions;
  if (isWorking(release)) since.push(Math.max(Ready?.since ?? 0, Reconciling?.since ?? 0) || release.changedAt);
  return since;
}

function silent({ release, now, timings }: Observed): DeploymentState | undefined {
  const since = Math.min(...awaitedSince(release).filter((time) => time + timings.silence <= now));
  if (since === Number.POSITIVE_INFINITY) return undefined;
  const why = release.suspended ? ": the HelmRelease is suspended" : "";
  return {
    ...state("UNKNOWN", `The provisioner has not answered since ${instant(since)}${why}`),
    ...(release.deletedAt !== undefined && { isStuck: true }),
  };
}

/** A state that becomes UNKNOWN if Flux stays silent. */
function waiting({ release, timings }: Observed, status: DeploymentStatusType, reason: string): DeploymentState {
  return { ...state(status, reason), ...recheck(awaitedSince(release).map((since) => since + timings.silence)) };
}

/** Flux reports a failure while the chart that it has just asked for is still being fetched. */
function fetching({ release: { conditions, changedAt }, now, timings }: Observed): DeploymentState | undefined {
  const { Ready } = conditions;
  if (Ready?.status !== "False" || Ready.reason !== "SourceNotReady" || !Ready.message.includes(NOT_FETCHED))
    return undefined;
  const until = (Ready.since ?? changedAt) + timings.grace;
  return now < until ? { ...state("DEPLOYING", "Flux is fetching the chart"), ...recheck([until]) } : undefined;
}

const NOT_FETCHED = "latest generation of object has not been reconciled";

function failed(observed: Observed, type: "Stalled" | "Ready", status: "True" | "False"): DeploymentState | undefined {
  const { conditions } = observed.release;
  if (conditions[type]?.status !== status) return undefined;
  // Flux often says only that it has waited for too long.
  const troubles = stopped(observed.workloads).map(trouble);
  return waiting(observed, "UNHEALTHY", [failureOf(conditions), ...troubles].join("; "));
}

/** Ready says that the change was applied. Whether Airflow still runs, its workloads say. */
function ready(observed: Observed): DeploymentState {
  const { release, workloads, now, timings } = observed;
  const { Ready, Drifted } = release.conditions;
  const drift =
    Drifted?.status === "True"
      ? `Somebody else changed it on the cluster${Drifted.message && `: ${Drifted.message}`}`
      : undefined;
  const late: WorkloadRecord[] = [];
  const starting: WorkloadRecord[] = [];
  const graces: number[] = [];
  for (const workload of stopped(workloads)) {
    const grace = Math.max(Ready?.since ?? 0, workload.changedAt) + timings.grace;
    const inTime = !workload.stuck && !HOPELESS.test(workload.cause ?? "") && now < grace;
    (inTime ? starting : late).push(workload);
    if (inTime) graces.push(grace);
  }
  const missing = late.length > 0 ? late : starting;
  const reason = [...missing.map(trouble), drift].filter((part) => part !== undefined).join("; ");
  const silence = awaitedSince(release).map((since) => since + timings.silence);
  const isLate = late.length > 0 || (drift !== undefined && REMOVED.test(drift));
  const status = isLate ? "UNHEALTHY" : starting.length > 0 ? "DEPLOYING" : "HEALTHY";
  return { ...state(status, reason || null), ...recheck([...graces, ...silence]) };
}

/** Why containers do not run although Kubernetes has tried: waiting does not help. These are the reasons of their states. */
const HOPELESS =
  /^(CrashLoopBackOff|ImagePullBackOff|ErrImagePull|InvalidImageName|CreateContainerConfigError|CreateContainerError|RunContainerError|OOMKilled)\b/;

/** How Flux tells of workloads that somebody else removed: none of their pods run. */
const REMOVED = /\b(Deployment|StatefulSet)\/\S+ removed\b/;

/** Those that do not run, always in the same order. */
const stopped = (workloads: readonly WorkloadRecord[]) =>
  workloads.filter((one) => !runs(one)).sort((a, b) => (a.component < b.component ? -1 : 1));

function trouble({ component, available, wanted, current, cause }: WorkloadRecord): string {
  const pods = current ? `${available} of ${wanted} pods ready` : "the last change has not been looked at yet";
  return `${component}: ${pods}${cause ? `: ${cause}` : ""}`;
}

const state = (status: DeploymentStatusType, reason: string | null): DeploymentState => ({
  status,
  reason: reason && lineOf(reason, MAX_REASON),
});

/** The first of these times, in milliseconds, if there is one. */
const recheck = (times: readonly number[]): Pick<DeploymentState, "recheckAt"> =>
  times.length > 0 ? { recheckAt: new Date(Math.min(...times, LAST_TIME)) } : {};

/** The last time that a Date can be, in milliseconds. */
const LAST_TIME = 8.64e15;

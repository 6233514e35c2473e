import type { Context } from "../../../access/context.ts";
import type { Config } from "../../../platform/config/config.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { isForAirflow3 } from "../../releases/compareVersions.ts";
import { channelAt, mayUseDeprecated } from "../../releases/deprecated.ts";
import { releasesOf } from "../../releases/releases.ts";
import { allowedRuntime } from "../../releases/runtimeReleases.ts";
import { canRunAirflow, canRunRuntime } from "../../releases/whyNotRunnable.ts";
import { assertUpgrade, isLater } from "./assertUpgrade.ts";
import { type Chosen, type Receiver, type RequestedVersion, resolveVersion } from "./resolveVersion.ts";

/** Versions as input. */
export interface GivenVersions {
  airflowVersion?: string | undefined;
  runtimeVersion?: string | undefined;
  /** The Airflow version to upgrade to with the next image. */
  desiredAirflowVersion?: string | undefined;
  /** The Runtime version to upgrade to with the next image. */
  desiredRuntimeVersion?: string | undefined;
}

/** The current versions of a Deployment and those of its next image. With Runtime, the Airflow version it contains. */
export interface Versions extends Chosen {
  desiredAirflowVersion: string | null;
  desiredRuntimeVersion: string | null;
}

/**
 * The versions of a new Deployment: the given one, otherwise the latest stable Runtime version with Airflow 2 (any
 * Runtime version if none is left), or Airflow version if Runtime is disabled. Throws the errors of `resolveVersion`,
 * and BAD_USER_INPUT for a deprecated version that the caller may not choose and for a desired version that is earlier
 * than the first one.
 */
export function versionsOfNew(ctx: Context, given: GivenVersions): Versions {
  const { now, next } = givenVersions(ctx.config, given, { current: [], unmanaged: false });
  if (now) assertChoosable(ctx, now);
  const chosen = now?.chosen ?? latest(ctx.config, ctx.now());
  if (next) assertReachable(ctx, chosen, next);
  return { ...chosen, ...desired(next?.chosen ?? chosen) };
}

/**
 * The changed versions of a Deployment that runs `stored`; empty if none change. With an image, the given version is
 * the new current one; without, it becomes pending. `unmanaged`: Houston does not run them. Throws the errors of
 * `versionsOfNew`, and BAD_USER_INPUT for a downgrade.
 */
export function versionsAfter(
  ctx: Context,
  given: GivenVersions,
  stored: Versions,
  { image, unmanaged }: { image: boolean; unmanaged: boolean },
): Partial<Versions> {
  const { desiredAirflowVersion, desiredRuntimeVersion } = stored;
  const pending: Chosen = { airflowVersion: desiredAirflowVersion, runtimeVersion: desiredRuntimeVersion };
  const { now, next: later } = givenVersions(ctx.config, given, { current: [stored, pending], unmanaged });
  if (now) assertReachable(ctx, stored, now);
  const runs = image ? now?.chosen : undefined;
  if (later) assertReachable(ctx, runs ?? stored, later);
  const next = later ?? (image ? undefined : now);
  if (next) return { ...runs, ...desired(next.chosen) };
  // An image with an earlier version keeps a pending upgrade.
  return runs ? { ...runs, ...desired(isLater(pending, runs) ? pending : runs) } : {};
}

/** Without a pending upgrade, the desired version is the current one: clients detect an upgrade by the difference. */
export const desired = ({ airflowVersion, runtimeVersion }: Chosen) => ({
  desiredAirflowVersion: airflowVersion,
  desiredRuntimeVersion: runtimeVersion,
});

/** The requested current version, and the requested version of the next image. */
function givenVersions(config: Config, given: GivenVersions, receiver: Receiver) {
  const requested = (airflow: keyof GivenVersions, runtime: keyof GivenVersions) => {
    const named = (argument: keyof GivenVersions) => ({ argument, version: given[argument] });
    return resolveVersion(config, { airflow: named(airflow), runtime: named(runtime) }, receiver);
  };
  return {
    now: requested("airflowVersion", "runtimeVersion"),
    next: requested("desiredAirflowVersion", "desiredRuntimeVersion"),
  };
}

function assertReachable(ctx: Context, from: Chosen, requested: RequestedVersion): void {
  assertUpgrade(ctx.config.deployments, from, requested);
  assertChoosable(ctx, requested);
}

function assertChoosable(ctx: Context, { argument, chosen, deprecated }: RequestedVersion): void {
  if (!deprecated || mayUseDeprecated(ctx)) return;
  const version = chosen.runtimeVersion ?? chosen.airflowVersion;
  throw badInput(argument, `${version} is deprecated; choose a stable version`);
}

const stable = ({ channel }: { channel: string }) => channel === "stable";

function latest(config: Config, at: Date): Chosen {
  const limits = config.deployments;
  const runtime = allowedRuntime(limits)
    .filter((one) => !one.yanked && channelAt(one, at) === "stable")
    .filter(canRunRuntime(config));
  // DAGs for Airflow 2 may fail on Airflow 3, so that it must be chosen.
  const release = runtime.findLast(({ version }) => !isForAirflow3(version)) ?? runtime.at(-1);
  if (release) return { airflowVersion: release.airflowVersion, runtimeVersion: release.version };
  const airflow = releasesOf(limits).airflow.filter(stable).findLast(canRunAirflow(config));
  if (airflow) return { airflowVersion: airflow.version, runtimeVersion: null };
  throw badInput("runtimeVersion", "is required: the platform's release files contain no stable version that can run");
}

import type { Config } from "../../../platform/config/config.ts";
import { AppError, badInput } from "../../../platform/errors/appError.ts";
import { isDeprecated } from "../../releases/deprecated.ts";
import { releasesOf } from "../../releases/releases.ts";
import { allowedRuntime } from "../../releases/runtimeReleases.ts";
import { canRunAirflow, canRunRuntime, whyNotRunnable } from "../../releases/whyNotRunnable.ts";

/** A Runtime version with the Airflow version it contains, or a plain Airflow version. */
export interface Chosen {
  airflowVersion: string | null;
  runtimeVersion: string | null;
}

/** A requested version and its argument. */
export interface RequestedVersion {
  argument: string;
  chosen: Chosen;
  /** Only callers who may choose deprecated versions may choose it. */
  deprecated: boolean;
}

/** A version as input. */
interface Given {
  argument: string;
  version: string | undefined;
}

/** The Deployment that a version is for. */
export interface Receiver {
  /** The versions that it already has. */
  current: readonly Chosen[];
  /** Houston stores its versions, and does not run them. */
  unmanaged: boolean;
}

/**
 * The requested version; undefined if none was given. Versions that the Deployment already has are always valid. Throws
 * BAD_USER_INPUT for versions that are not in the release files, for yanked ones, for those that cannot run on the
 * platform (unless Houston does not run the Deployment) and for an Airflow version that is not the one in the given
 * Runtime version, FEATURE_DISABLED for a Runtime version while `deployments.astroRuntimeEnabled` is false.
 */
export function resolveVersion(
  config: Config,
  { airflow, runtime }: { airflow: Given; runtime: Given },
  receiver: Receiver,
): RequestedVersion | undefined {
  if (runtime.version === undefined) {
    return airflow.version === undefined
      ? undefined
      : airflowVersion(config, airflow.argument, airflow.version, receiver);
  }
  const requested = runtimeVersion(config, runtime.argument, runtime.version, receiver);
  const contained = requested.chosen.airflowVersion;
  if (airflow.version === undefined || contained === null || airflow.version === contained) return requested;
  throw badInput(airflow.argument, `must be ${contained}, which ${runtime.argument} ${runtime.version} contains`);
}

function airflowVersion(
  config: Config,
  argument: string,
  requested: string,
  { current, unmanaged }: Receiver,
): RequestedVersion {
  const { airflow } = releasesOf(config.deployments);
  const release = airflow.find(({ version }) => version === requested);
  const has = current.some(
    ({ runtimeVersion, airflowVersion }) => runtimeVersion === null && airflowVersion === requested,
  );
  if (!release && !has) throw unknown(argument, requested, airflow.filter(canRunAirflow(config)));
  const chosen = { airflowVersion: requested, runtimeVersion: null };
  if (!has && !unmanaged) assertRunnable(config, argument, chosen);
  return { argument, chosen, deprecated: !has && release !== undefined && isDeprecated(release) };
}

function runtimeVersion(
  config: Config,
  argument: string,
  requested: string,
  { current, unmanaged }: Receiver,
): RequestedVersion {
  const limits = config.deployments;
  const has = current.find(({ runtimeVersion }) => runtimeVersion === requested);
  if (!has && !limits.astroRuntimeEnabled) {
    const message = `${argument}: deployments.astroRuntimeEnabled is false on this platform`;
    throw new AppError("FEATURE_DISABLED", message, argument);
  }
  const allowed = allowedRuntime(limits);
  const release = allowed.find(({ version }) => version === requested);
  if (!release && !has) {
    const choosable = allowed.filter(({ yanked }) => !yanked).filter(canRunRuntime(config));
    throw unknown(argument, requested, choosable);
  }
  if (release?.yanked && !has) {
    const reason = release.yankedReason && ` (${release.yankedReason.slice(0, 200)})`;
    throw badInput(argument, `${requested} was withdrawn${reason}; choose another version`);
  }
  const chosen = { airflowVersion: release?.airflowVersion ?? has?.airflowVersion ?? null, runtimeVersion: requested };
  if (!has && !unmanaged) assertRunnable(config, argument, chosen);
  return { argument, chosen, deprecated: !has && release !== undefined && isDeprecated(release) };
}

function assertRunnable(config: Config, argument: string, chosen: Chosen): void {
  const reason = whyNotRunnable(config, chosen);
  if (reason !== undefined) throw badInput(argument, reason);
}

/** Names only the latest versions, because the whole list is too long for a message. */
function unknown(argument: string, requested: string, choosable: readonly { version: string }[]) {
  const latest = choosable.slice(-5).map(({ version }) => version);
  // The input may be arbitrarily long, so only a part of it is quoted.
  return badInput(argument, `unknown version ${requested.slice(0, 40)}; the latest are ${latest.join(", ")}`);
}

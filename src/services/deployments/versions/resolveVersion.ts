import type { Config } from "../../../platform/config/config.ts";
import { AppError, badInput } from "../../../platform/errors/appError.ts";
import { isDeprecated } from "../../releases/deprecated.ts";
import { releasesOf } from "../../releases/releases.ts";
import { allowedRuntime } from "../../releases/runtimeReleases.ts";

/** A version: of runtime, with its own Airflow, or of plain Airflow. */
export interface Chosen {
  airflowVersion: string | null;
  runtimeVersion: string | null;
}

/** A version that was given, and the argument that gave it. */
export interface Wanted {
  argument: string;
  chosen: Chosen;
  /** Only those who may choose deprecated versions may choose it. */
  deprecated: boolean;
}

type Limits = Config["deployments"];

/** A version as a caller gives it. */
interface Given {
  argument: string;
  version: string | undefined;
}

/**
 * The one version that was given, undefined for none. What a Deployment has already (`known`) counts, whatever became of it
 * since. Throws BAD_USER_INPUT for both at once and for versions that the release files do not hold, FEATURE_DISABLED for a
 * runtime version while `deployments.astroRuntimeEnabled` is false.
 */
export function resolveVersion(
  limits: Limits,
  { airflow, runtime }: { airflow: Given; runtime: Given },
  known: readonly Chosen[],
): Wanted | undefined {
  if (runtime.version === undefined) {
    return airflow.version === undefined ? undefined : airflowVersion(limits, airflow.argument, airflow.version, known);
  }
  if (airflow.version === undefined) return runtimeVersion(limits, runtime.argument, runtime.version, known);
  throw badInput(airflow.argument, `not together with ${runtime.argument}, which brings its own Airflow`);
}

function airflowVersion(limits: Limits, argument: string, wanted: string, known: readonly Chosen[]): Wanted {
  const { airflow } = releasesOf(limits);
  const release = airflow.find(({ version }) => version === wanted);
  const has = known.some((one) => one.runtimeVersion === null && one.airflowVersion === wanted);
  if (!release && !has) throw unknown(argument, wanted, airflow);
  const chosen = { airflowVersion: wanted, runtimeVersion: null };
  return { argument, chosen, deprecated: !has && release !== undefined && isDeprecated(release) };
}

function runtimeVersion(limits: Limits, argument: string, wanted: string, known: readonly Chosen[]): Wanted {
  const has = known.find((one) => one.runtimeVersion === wanted);
  if (!has && !limits.astroRuntimeEnabled) {
    const message = `${argument}: deployments.astroRuntimeEnabled is false on this platform`;
    throw new AppError("FEATURE_DISABLED", message, argument);
  }
  const allowed = allowedRuntime(limits);
  const release = allowed.find(({ version }) => version === wanted);
  if (!release && !has) throw unknown(argument, wanted, allowed);
  const chosen = { airflowVersion: release?.airflowVersion ?? has?.airflowVersion ?? null, runtimeVersion: wanted };
  return { argument, chosen, deprecated: !has && release !== undefined && isDeprecated(release) };
}

/** Names the latest few: the whole list would be longer than anybody reads. */
function unknown(argument: string, wanted: string, allowed: readonly { version: string }[]) {
  const some = allowed.slice(-5).map(({ version }) => version);
  // What was given may be anything, so only a part of it is repeated.
  return badInput(argument, `${wanted.slice(0, 40)} does not exist here; the latest are ${some.join(", ")}`);
}

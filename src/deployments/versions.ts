import type { Config } from "../config.ts";
import { AppError, badInput } from "../errors.ts";
import { compareVersions } from "../releases/compareVersions.ts";
import { releasesOf } from "../releases/releases.ts";

/** Versions as a caller gives them. */
export interface GivenVersions {
  airflowVersion?: string | undefined;
  runtimeVersion?: string | undefined;
  /** The runtime version to move to with the next image. */
  desiredRuntimeVersion?: string | undefined;
}

/** What a Deployment runs and, with the next image, will run. The Airflow version of a runtime version is the one inside. */
export interface Versions {
  airflowVersion: string | null;
  runtimeVersion: string | null;
  desiredAirflowVersion: string | null;
  desiredRuntimeVersion: string | null;
}

type Limits = Config["deployments"];

/**
 * The versions of a new Deployment: the latest stable runtime version, or Airflow version where runtime versions are off,
 * unless one is given. Throws BAD_USER_INPUT for both at once and for versions that the release files do not hold,
 * FEATURE_DISABLED for a runtime version while `deployments.astroRuntimeEnabled` is false.
 */
export function versionsOfNew(limits: Limits, given: GivenVersions): Versions {
  const chosen = chosenVersions(limits, given) ?? latest(limits);
  return { ...chosen, ...desired(chosen), ...desiredVersions(limits, given) };
}

/** What changes of a Deployment that runs `stored`, empty for nothing. Throws as `versionsOfNew`. */
export function versionsAfter(limits: Limits, given: GivenVersions, stored: Versions): Partial<Versions> {
  const chosen = chosenVersions(limits, given);
  if (chosen && stored.runtimeVersion !== null && chosen.runtimeVersion === null) {
    throw badInput(
      "airflowVersion",
      `the Deployment runs runtime ${stored.runtimeVersion}; give runtimeVersion instead`,
    );
  }
  if (chosen?.runtimeVersion && stored.runtimeVersion === null) assertMayMoveToRuntime(limits, stored.airflowVersion);
  return { ...(chosen ? { ...chosen, ...desired(chosen) } : {}), ...desiredVersions(limits, given) };
}

type Chosen = Pick<Versions, "airflowVersion" | "runtimeVersion">;

/** Nothing is to come: clients tell a pending move by the difference. */
const desired = ({ airflowVersion, runtimeVersion }: Chosen) => ({
  desiredAirflowVersion: airflowVersion,
  desiredRuntimeVersion: runtimeVersion,
});

function chosenVersions(limits: Limits, { airflowVersion, runtimeVersion }: GivenVersions): Chosen | undefined {
  if (runtimeVersion !== undefined && airflowVersion !== undefined) {
    throw badInput("airflowVersion", "not together with runtimeVersion, which brings its own Airflow");
  }
  if (runtimeVersion !== undefined) return runtime(limits, runtimeVersion, "runtimeVersion");
  if (airflowVersion === undefined) return undefined;
  const { airflow } = releasesOf(limits);
  if (!airflow.some(({ version }) => version === airflowVersion))
    throw unknown("airflowVersion", airflowVersion, airflow);
  return { airflowVersion, runtimeVersion: null };
}

function desiredVersions(limits: Limits, { desiredRuntimeVersion: given }: GivenVersions) {
  return given === undefined ? {} : desired(runtime(limits, given, "desiredRuntimeVersion"));
}

function runtime(limits: Limits, wanted: string, argument: string): Chosen {
  if (!limits.astroRuntimeEnabled) {
    throw new AppError(
      "FEATURE_DISABLED",
      `${argument}: deployments.astroRuntimeEnabled is false on this platform`,
      argument,
    );
  }
  const allowed = allowedRuntime(limits);
  const release = allowed.find(({ version }) => version === wanted);
  if (!release) throw unknown(argument, wanted, allowed);
  return { airflowVersion: release.airflowVersion, runtimeVersion: wanted };
}

const allowedRuntime = (limits: Limits) =>
  releasesOf(limits).runtime.filter(({ version }) => compareVersions(version, limits.minAstroRuntimeVersion) >= 0);

function latest(limits: Limits): Chosen {
  const stable = ({ channel }: { channel: string }) => channel === "stable";
  const release = limits.astroRuntimeEnabled ? allowedRuntime(limits).findLast(stable) : undefined;
  if (release) return { airflowVersion: release.airflowVersion, runtimeVersion: release.version };
  const airflow = releasesOf(limits).airflow.findLast(stable);
  if (airflow) return { airflowVersion: airflow.version, runtimeVersion: null };
  throw badInput("runtimeVersion", "is needed: the platform's release files name no stable version");
}

function assertMayMoveToRuntime({ airflowMinimumAstroRuntimeVersion: lowest }: Limits, airflow: string | null) {
  if (airflow === null || compareVersions(airflow, lowest) >= 0) return;
  throw badInput("runtimeVersion", `the Deployment runs Airflow ${airflow}; move it to ${lowest} or later first`);
}

/** Names the latest few: the whole list would be longer than anybody reads. */
function unknown(argument: string, wanted: string, allowed: readonly { version: string }[]) {
  const some = allowed.slice(-5).map(({ version }) => version);
  // What was given may be anything, so only a part of it is repeated.
  return badInput(argument, `${wanted.slice(0, 40)} does not exist here; the latest are ${some.join(", ")}`);
}

import type { Config } from "../config.ts";
import type { Context } from "../context.ts";
import { AppError, badInput } from "../errors.ts";
import { isDeprecated, mayUseDeprecated } from "../releases/deprecated.ts";
import { releasesOf } from "../releases/releases.ts";
import { allowedRuntime } from "../releases/runtimeReleases.ts";
import { assertMove, isLater } from "./versionMoves.ts";

/** Versions as a caller gives them. */
export interface GivenVersions {
  airflowVersion?: string | undefined;
  runtimeVersion?: string | undefined;
  /** The Airflow version to move to with the next image. */
  desiredAirflowVersion?: string | undefined;
  /** The runtime version to move to with the next image. */
  desiredRuntimeVersion?: string | undefined;
}

/** A version that exists: of runtime, with its own Airflow, or of plain Airflow. */
export interface Chosen {
  airflowVersion: string | null;
  runtimeVersion: string | null;
}

/** What a Deployment runs and, with the next image, will run. The Airflow version of a runtime version is the one inside. */
export interface Versions extends Chosen {
  desiredAirflowVersion: string | null;
  desiredRuntimeVersion: string | null;
}

type Limits = Config["deployments"];

/**
 * The versions of a new Deployment: the latest stable runtime version, or Airflow version where runtime versions are off,
 * unless one is given. Throws BAD_USER_INPUT for both at once, for versions that the release files do not hold and for
 * deprecated ones where the caller may not choose those, FEATURE_DISABLED for a runtime version while
 * `deployments.astroRuntimeEnabled` is false.
 */
export function versionsOfNew(ctx: Context, given: GivenVersions): Versions {
  const limits = ctx.config.deployments;
  const wanted = wantedVersions(limits, given);
  if (wanted) assertChoosable(ctx, wanted);
  const chosen = wanted?.chosen ?? latest(limits);
  const next = nextVersions(limits, given);
  if (next) assertMove(limits, chosen, next);
  if (next) assertChoosable(ctx, next);
  return { ...chosen, ...desired(next?.chosen ?? chosen) };
}

/**
 * What changes of a Deployment that runs `stored`, empty for nothing. With an image the given version runs at once; without
 * one it is what the next image will bring. Throws as `versionsOfNew`, and BAD_USER_INPUT for a step back.
 */
export function versionsAfter(ctx: Context, given: GivenVersions, stored: Versions, image: boolean): Partial<Versions> {
  const limits = ctx.config.deployments;
  const pending: Chosen = {
    airflowVersion: stored.desiredAirflowVersion,
    runtimeVersion: stored.desiredRuntimeVersion,
  };
  const known = [stored, pending];
  const wanted = wantedVersions(limits, given);
  if (wanted) {
    assertMove(limits, stored, wanted);
    assertChoosable(ctx, wanted, known);
  }
  const runs = image ? wanted?.chosen : undefined;
  const next = nextVersions(limits, given) ?? (image ? undefined : wanted);
  if (next) {
    assertMove(limits, runs ?? stored, next);
    assertChoosable(ctx, next, known);
  }
  if (next) return { ...runs, ...desired(next.chosen) };
  // An image of an earlier version leaves a pending move pending.
  return runs ? { ...runs, ...desired(isLater(pending, runs) ? pending : runs) } : {};
}

/** A version that was given, and the argument that gave it. */
export interface Wanted {
  argument: string;
  chosen: Chosen;
  channel: string;
}

/** While nothing is to come, it is the present version: clients tell a pending move by the difference. */
export const desired = ({ airflowVersion, runtimeVersion }: Chosen) => ({
  desiredAirflowVersion: airflowVersion,
  desiredRuntimeVersion: runtimeVersion,
});

const wantedVersions = (limits: Limits, { airflowVersion, runtimeVersion }: GivenVersions) =>
  one(limits, { airflowVersion, runtimeVersion });

const nextVersions = (limits: Limits, { desiredAirflowVersion, desiredRuntimeVersion }: GivenVersions) =>
  one(limits, { desiredAirflowVersion, desiredRuntimeVersion });

/** The one version among two arguments, the first for Airflow, the second for runtime versions. */
function one(limits: Limits, given: Record<string, string | undefined>): Wanted | undefined {
  const [[airflowArgument = "", airflow] = [], [runtimeArgument = "", runtime] = []] = Object.entries(given);
  if (airflow !== undefined && runtime !== undefined) {
    throw badInput(airflowArgument, `not together with ${runtimeArgument}, which brings its own Airflow`);
  }
  if (runtime !== undefined) return runtimeVersion(limits, runtime, runtimeArgument);
  return airflow === undefined ? undefined : airflowVersion(limits, airflow, airflowArgument);
}

function airflowVersion(limits: Limits, wanted: string, argument: string): Wanted {
  const { airflow } = releasesOf(limits);
  const release = airflow.find(({ version }) => version === wanted);
  if (!release) throw unknown(argument, wanted, airflow);
  return { argument, chosen: { airflowVersion: wanted, runtimeVersion: null }, channel: release.channel };
}

function runtimeVersion(limits: Limits, wanted: string, argument: string): Wanted {
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
  const { airflowVersion, channel } = release;
  return { argument, chosen: { airflowVersion, runtimeVersion: wanted }, channel };
}

/** What the Deployment runs, or is to run already, may be deprecated; anything else only for those who may choose it. */
function assertChoosable(ctx: Context, { argument, chosen, channel }: Wanted, known: readonly Chosen[] = []): void {
  const same = (one: Chosen) =>
    one.runtimeVersion === chosen.runtimeVersion && one.airflowVersion === chosen.airflowVersion;
  if (!isDeprecated({ channel }) || known.some(same) || mayUseDeprecated(ctx)) return;
  const version = chosen.runtimeVersion ?? chosen.airflowVersion;
  throw badInput(argument, `${version} is deprecated; choose a stable version`);
}

const stable = ({ channel }: { channel: string }) => channel === "stable";

function latest(limits: Limits): Chosen {
  const release = allowedRuntime(limits).findLast(stable);
  if (release) return { airflowVersion: release.airflowVersion, runtimeVersion: release.version };
  const airflow = releasesOf(limits).airflow.findLast(stable);
  if (airflow) return { airflowVersion: airflow.version, runtimeVersion: null };
  throw badInput("runtimeVersion", "is needed: the platform's release files name no stable version");
}

/** Names the latest few: the whole list would be longer than anybody reads. */
function unknown(argument: string, wanted: string, allowed: readonly { version: string }[]) {
  const some = allowed.slice(-5).map(({ version }) => version);
  // What was given may be anything, so only a part of it is repeated.
  return badInput(argument, `${wanted.slice(0, 40)} does not exist here; the latest are ${some.join(", ")}`);
}

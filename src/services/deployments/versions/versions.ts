import type { Context } from "../../../access/context.ts";
import type { Config } from "../../../platform/config/config.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { mayUseDeprecated } from "../../releases/deprecated.ts";
import { releasesOf } from "../../releases/releases.ts";
import { allowedRuntime } from "../../releases/runtimeReleases.ts";
import { assertUpgrade, isLater } from "./assertUpgrade.ts";
import { type Chosen, resolveVersion, type Wanted } from "./resolveVersion.ts";

/** Versions as a caller gives them. */
export interface GivenVersions {
  airflowVersion?: string | undefined;
  runtimeVersion?: string | undefined;
  /** The Airflow version to move to with the next image. */
  desiredAirflowVersion?: string | undefined;
  /** The runtime version to move to with the next image. */
  desiredRuntimeVersion?: string | undefined;
}

/** What a Deployment runs and, with the next image, will run. The Airflow version of a runtime version is the one inside. */
export interface Versions extends Chosen {
  desiredAirflowVersion: string | null;
  desiredRuntimeVersion: string | null;
}

type Limits = Config["deployments"];

/**
 * The versions of a new Deployment: the latest stable runtime version, or Airflow version where runtime versions are off,
 * unless one is given. Throws what `resolveVersion` throws, and BAD_USER_INPUT for a deprecated version that the caller may
 * not choose and for one to come that is earlier than the first.
 */
export function versionsOfNew(ctx: Context, given: GivenVersions): Versions {
  const limits = ctx.config.deployments;
  const { now, next } = givenVersions(limits, given, []);
  if (now) assertChoosable(ctx, now);
  const chosen = now?.chosen ?? latest(limits);
  if (next) assertReachable(ctx, chosen, next);
  return { ...chosen, ...desired(next?.chosen ?? chosen) };
}

/**
 * What changes of a Deployment that runs `stored`, empty for nothing. With an image the given version runs at once; without
 * one it is what the next image will bring. Throws as `versionsOfNew`, and BAD_USER_INPUT for a step back.
 */
export function versionsAfter(ctx: Context, given: GivenVersions, stored: Versions, image: boolean): Partial<Versions> {
  const { desiredAirflowVersion, desiredRuntimeVersion } = stored;
  const pending: Chosen = { airflowVersion: desiredAirflowVersion, runtimeVersion: desiredRuntimeVersion };
  const { now, next: later } = givenVersions(ctx.config.deployments, given, [stored, pending]);
  if (now) assertReachable(ctx, stored, now);
  const runs = image ? now?.chosen : undefined;
  if (later) assertReachable(ctx, runs ?? stored, later);
  const next = later ?? (image ? undefined : now);
  if (next) return { ...runs, ...desired(next.chosen) };
  // An image of an earlier version leaves a pending move pending.
  return runs ? { ...runs, ...desired(isLater(pending, runs) ? pending : runs) } : {};
}

/** While nothing is to come, it is the present version: clients tell a pending move by the difference. */
export const desired = ({ airflowVersion, runtimeVersion }: Chosen) => ({
  desiredAirflowVersion: airflowVersion,
  desiredRuntimeVersion: runtimeVersion,
});

/** The version that was given for now and the one for the next image. */
function givenVersions(limits: Limits, given: GivenVersions, known: readonly Chosen[]) {
  const wanted = (airflow: keyof GivenVersions, runtime: keyof GivenVersions) => {
    const named = (argument: keyof GivenVersions) => ({ argument, version: given[argument] });
    return resolveVersion(limits, { airflow: named(airflow), runtime: named(runtime) }, known);
  };
  return {
    now: wanted("airflowVersion", "runtimeVersion"),
    next: wanted("desiredAirflowVersion", "desiredRuntimeVersion"),
  };
}

function assertReachable(ctx: Context, from: Chosen, wanted: Wanted): void {
  assertUpgrade(ctx.config.deployments, from, wanted);
  assertChoosable(ctx, wanted);
}

function assertChoosable(ctx: Context, { argument, chosen, deprecated }: Wanted): void {
  if (!deprecated || mayUseDeprecated(ctx)) return;
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

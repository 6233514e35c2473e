import { at, isMapping } from "../../../platform/config/tree.ts";
import type { HelmRecord } from "./helmRecord.ts";

/** What the values of a release say about its Airflow. */
export interface AirflowFacts {
  /** As Airflow names it: also an executor that Houston does not offer, or several, separated by commas. */
  executor: string;
  airflowVersion: string | undefined;
  /** Undefined if the image is none of Astro Runtime. */
  runtimeVersion: string | undefined;
  /** The Secret with the connection to the metadata database. */
  metadataSecret: string;
}

/** The chart's own default. */
const DEFAULT_EXECUTOR = "CeleryExecutor";

/** The name of the chart inside Astronomer's, too. */
const CHART = "airflow";

/** `3.1-2` or `9.1.0`, of tags such as `9.1.0-python-3.11-base`. */
const RUNTIME = /^\d+\.\d+(\.\d+|-\d+)(?=$|[-+])/;

/** Maximum length of a name in Kubernetes. */
const MAX_NAME = 63;

/** The value at a path, if it was given or the chart has one. */
type ValueAt = (...path: string[]) => unknown;

/**
 * Reads the values of the chart of the Apache Airflow project, or of Astronomer's, which has them below `airflow`. What was
 * not given is what the chart has; null removes that.
 */
export function airflowFacts(releaseName: string, { chart, values, defaults }: HelmRecord): AirflowFacts {
  const isNested = isMapping(values[CHART]) || isMapping(defaults[CHART]);
  const valueAt: ValueAt = (...path) => {
    const keys = isNested ? [CHART, ...path] : path;
    const given = at(values, keys);
    return given === undefined ? at(defaults, keys) : given;
  };
  const repository = textOf(valueAt("images", "airflow", "repository") ?? valueAt("defaultAirflowRepository")) ?? "";
  const tag = textOf(valueAt("images", "airflow", "tag") ?? valueAt("defaultAirflowTag")) ?? "";
  const isRuntime = /runtime[^/]*$/.test(repository);
  return {
    executor: textOf(valueAt("executor")) ?? DEFAULT_EXECUTOR,
    // A chart of Airflow carries the version of the Airflow that it installs.
    airflowVersion: textOf(valueAt("airflowVersion")) ?? chart.appVersion,
    runtimeVersion: isRuntime ? RUNTIME.exec(tag)?.[0] : undefined,
    metadataSecret: textOf(valueAt("data", "metadataSecretName")) ?? `${fullName(releaseName, valueAt)}-metadata`,
  };
}

/** What the names of the chart's objects begin with. */
function fullName(release: string, valueAt: ValueAt): string {
  if (valueAt("useStandardNaming") !== true) return release;
  const name = textOf(valueAt("nameOverride")) ?? CHART;
  const full = textOf(valueAt("fullnameOverride")) ?? (release.includes(name) ? release : `${release}-${name}`);
  return full.slice(0, MAX_NAME).replace(/-$/, "");
}

/** Names of images, versions, executors and Secrets; whatever else somebody wrote there counts as absent. */
const USUAL = /^[\w.,:@/ +-]{1,253}$/;

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && USUAL.test(value) ? value : undefined;

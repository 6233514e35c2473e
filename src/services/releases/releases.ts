import { z } from "zod";
import type { Config } from "../../platform/config/config.ts";
import { compareVersions } from "./compareVersions.ts";
import { readReleases } from "./readReleases.ts";
import { byVersion, Channel, Release } from "./release.ts";

/** A Runtime version: an image that contains Airflow. */
export interface RuntimeRelease {
  version: string;
  /** The Airflow version it contains. */
  airflowVersion: string;
  /** True if upgrading to it from the previous version may change Airflow's database. */
  airflowDatabaseMigrations: boolean;
  /** `stable`, or `deprecated` once it no longer receives fixes: Deployments may keep it, but not choose it. */
  channel: string;
}

/** An Airflow version and the tags of its images; a file may have no tags. */
export type AirflowVersion = z.output<typeof AirflowVersion>;

/** The versions that Deployments may run, earliest first. */
export interface Releases {
  runtime: readonly RuntimeRelease[];
  airflow: readonly AirflowVersion[];
}

/** Files of operators may have further properties. */
const RuntimeFile = z.object({
  runtimeVersions: z.record(
    z.string(),
    z.object({
      metadata: z.object({ airflowVersion: z.string().min(1), channel: Channel }),
      migrations: z.object({ airflowDatabase: z.union([z.boolean(), z.stringbool()]).default(false) }).default({
        airflowDatabase: false,
      }),
    }),
  ),
});

export const AirflowVersion = Release.extend({ tags: z.array(z.string().min(1)).default([]) });
const AirflowFile = z.object({ available_releases: z.array(AirflowVersion) });

type Files = Pick<Config["deployments"], "airflowReleasesFile" | "astroRuntimeReleasesFile">;

const cache = new Map<string, Releases>();

/**
 * The versions in `deployments.astroRuntimeReleasesFile` and `deployments.airflowReleasesFile`, read once. By default,
 * these are the files next to this one. Throws ConfigError, naming the setting, if a file cannot be read or is invalid.
 */
export function releasesOf({ airflowReleasesFile, astroRuntimeReleasesFile }: Files): Releases {
  const key = JSON.stringify([airflowReleasesFile, astroRuntimeReleasesFile]);
  const cached = cache.get(key);
  if (cached) return cached;
  const { runtimeVersions } = readReleases(
    "deployments.astroRuntimeReleasesFile",
    astroRuntimeReleasesFile,
    RuntimeFile,
  );
  const airflow = readReleases("deployments.airflowReleasesFile", airflowReleasesFile, AirflowFile).available_releases;
  const releases: Releases = {
    runtime: Object.entries(runtimeVersions)
      .map(([version, { metadata, migrations }]) => ({
        version,
        ...metadata,
        airflowDatabaseMigrations: migrations.airflowDatabase,
      }))
      .sort((a, b) => compareVersions(a.airflowVersion, b.airflowVersion) || byVersion(a, b)),
    airflow: airflow.sort(byVersion),
  };
  cache.set(key, releases);
  return releases;
}

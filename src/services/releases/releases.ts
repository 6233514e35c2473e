import { z } from "zod";
import type { Config } from "../../platform/config/config.ts";
import { readReleases } from "./readReleases.ts";
import { byVersion, Release } from "./release.ts";
import { RuntimeFile, type RuntimeRelease } from "./runtimeFile.ts";

/** An Airflow version and the tags of its images; a file may have no tags. */
export type AirflowVersion = z.output<typeof AirflowVersion>;

/** The versions that Deployments may run, earliest first. */
export interface Releases {
  runtime: readonly RuntimeRelease[];
  airflow: readonly AirflowVersion[];
}

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
  const releases: Releases = {
    runtime: readReleases("deployments.astroRuntimeReleasesFile", astroRuntimeReleasesFile, RuntimeFile),
    airflow: readReleases("deployments.airflowReleasesFile", airflowReleasesFile, AirflowFile).available_releases.sort(
      byVersion,
    ),
  };
  cache.set(key, releases);
  return releases;
}

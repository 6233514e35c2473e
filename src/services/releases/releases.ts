import { z } from "zod";
import type { Config } from "../../platform/config/config.ts";
import { compareVersions } from "./compareVersions.ts";
import { readReleases } from "./readReleases.ts";
import { byVersion, Channel, Release } from "./release.ts";

/** A runtime version: an image with Airflow inside. */
export interface RuntimeRelease {
  version: string;
  /** The Airflow version inside. */
  airflowVersion: string;
  /** True if moving to it from the version before may change Airflow's database. */
  airflowDatabaseMigrations: boolean;
  /** `stable`, or `deprecated` once it gets no more fixes: Deployments may stay there, but do not move there. */
  channel: string;
}

/** A plain Airflow version and the tags of its images; a file may name none. */
export type AirflowVersion = z.output<typeof AirflowVersion>;

/** The versions that Deployments may run, earliest first. */
export interface Releases {
  runtime: readonly RuntimeRelease[];
  airflow: readonly AirflowVersion[];
}

/** Files that operators have hold more than this about each version. */
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

const remembered = new Map<string, Releases>();

/**
 * The versions in `deployments.astroRuntimeReleasesFile` and `deployments.airflowReleasesFile`, read once. Left at their
 * defaults, they are the files beside this one. Throws ConfigError that names the setting when a file cannot be read or
 * holds something else.
 */
export function releasesOf({ airflowReleasesFile, astroRuntimeReleasesFile }: Files): Releases {
  const key = JSON.stringify([airflowReleasesFile, astroRuntimeReleasesFile]);
  const known = remembered.get(key);
  if (known) return known;
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
  remembered.set(key, releases);
  return releases;
}

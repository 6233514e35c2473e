import { readFileSync } from "node:fs";
import { z } from "zod";
import { type Config, ConfigError } from "../config.ts";
import { compareVersions } from "./compareVersions.ts";

/** A runtime version: an image with Airflow inside. */
export interface RuntimeRelease {
  version: string;
  /** The Airflow version inside. */
  airflowVersion: string;
  /** True if moving to it from the version before may change Airflow's database. */
  airflowDatabaseMigrations: boolean;
  /** `stable`, or `deprecated` once it gets no more fixes; either can be chosen. */
  channel: string;
}

/** A plain Airflow version. */
export interface AirflowRelease {
  version: string;
  channel: string;
}

/** The versions that Deployments may run, earliest first. */
export interface Releases {
  runtime: readonly RuntimeRelease[];
  airflow: readonly AirflowRelease[];
}

/** Files that operators have hold more than this about each version. */
const RuntimeFile = z.object({
  runtimeVersions: z.record(
    z.string(),
    z.object({
      metadata: z.object({ airflowVersion: z.string().min(1), channel: z.string().default("stable") }),
      migrations: z.object({ airflowDatabase: z.union([z.boolean(), z.stringbool()]).default(false) }).default({
        airflowDatabase: false,
      }),
    }),
  ),
});

const AirflowFile = z.object({
  available_releases: z.array(z.object({ version: z.string().min(1), channel: z.string().default("stable") })),
});

type Files = Pick<Config["deployments"], "airflowReleasesFile" | "astroRuntimeReleasesFile">;

const remembered = new WeakMap<Files, Releases>();

/**
 * The versions in `deployments.astroRuntimeReleasesFile` and `deployments.airflowReleasesFile`, read once. Left at their
 * defaults, they are the files beside this one. Throws ConfigError that names the setting when a file cannot be read or
 * holds something else.
 */
export function releasesOf(files: Files): Releases {
  const known = remembered.get(files);
  if (known) return known;
  const releases: Releases = {
    runtime: Object.entries(read(files, "astroRuntimeReleasesFile", RuntimeFile).runtimeVersions)
      .map(([version, { metadata, migrations }]) => ({
        version,
        ...metadata,
        airflowDatabaseMigrations: migrations.airflowDatabase,
      }))
      .sort((a, b) => compareVersions(a.airflowVersion, b.airflowVersion) || compareVersions(a.version, b.version)),
    airflow: read(files, "airflowReleasesFile", AirflowFile).available_releases.sort((a, b) =>
      compareVersions(a.version, b.version),
    ),
  };
  remembered.set(files, releases);
  return releases;
}

/** The names of the files we ship, which are the settings' defaults too. */
const shipped: Files = {
  airflowReleasesFile: "airflow_releases.json",
  astroRuntimeReleasesFile: "astro_runtime_releases.json",
};

function read<T extends z.ZodType>(files: Files, name: keyof Files, schema: T): z.output<T> {
  const path = files[name] === shipped[name] ? new URL(shipped[name], import.meta.url) : files[name];
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (thrown) {
    const reason = thrown instanceof z.ZodError ? z.prettifyError(thrown) : (thrown as Error).message;
    throw new ConfigError([{ key: `deployments.${name}`, message: `cannot be used: ${reason}`, origin: files[name] }]);
  }
}

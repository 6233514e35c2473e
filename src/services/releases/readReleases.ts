import { readFileSync } from "node:fs";
import { z } from "zod";
import { ConfigError } from "../../platform/config/config.ts";

/** The built-in files by setting; their names are the defaults of the settings. */
const builtIn: Readonly<Record<string, string>> = {
  "deployments.airflowReleasesFile": "airflow_releases.json",
  "deployments.astroRuntimeReleasesFile": "astro_runtime_releases.json",
};

/** The content of the file configured by the setting `key`. Throws ConfigError, naming the setting, if it is invalid. */
export function readReleases<T extends z.ZodType>(key: string, path: string, schema: T): z.output<T> {
  const builtInFile = builtIn[key];
  try {
    const content = readFileSync(path === builtInFile ? new URL(builtInFile, import.meta.url) : path, "utf8");
    return schema.parse(JSON.parse(content));
  } catch (thrown) {
    const reason = thrown instanceof z.ZodError ? z.prettifyError(thrown) : (thrown as Error).message;
    throw new ConfigError([{ key, message: `cannot be used: ${reason}`, origin: path }]);
  }
}

import { readFileSync } from "node:fs";
import { z } from "zod";
import { ConfigError } from "../../platform/config/config.ts";

/** The files we ship, by the setting that names them; their names are the settings' defaults. */
const shipped: Readonly<Record<string, string>> = {
  "deployments.airflowReleasesFile": "airflow_releases.json",
  "deployments.astroRuntimeReleasesFile": "astro_runtime_releases.json",
};

/** What the file named by the setting `key` holds. Throws ConfigError that names the setting when it cannot be used. */
export function readReleases<T extends z.ZodType>(key: string, path: string, schema: T): z.output<T> {
  const ours = shipped[key];
  try {
    const content = readFileSync(path === ours ? new URL(ours, import.meta.url) : path, "utf8");
    return schema.parse(JSON.parse(content));
  } catch (thrown) {
    const reason = thrown instanceof z.ZodError ? z.prettifyError(thrown) : (thrown as Error).message;
    throw new ConfigError([{ key, message: `cannot be used: ${reason}`, origin: path }]);
  }
}

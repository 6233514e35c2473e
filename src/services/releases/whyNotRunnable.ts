import type { Config } from "../../platform/config/config.ts";
import { settingName } from "../../platform/config/configTree.ts";
import { compareVersions } from "./compareVersions.ts";

/** An Airflow version, and the Runtime version that contains it. */
interface Version {
  /** null or "": nobody knows which one the Runtime version contains. */
  airflowVersion: string | null;
  runtimeVersion: string | null;
}

/** The chart of the Apache Airflow project runs no earlier one since its version 1.20. */
const EARLIEST = "2.11";

/**
 * Why no Deployment of this platform can run a version, for its users; undefined if one can. While Houston makes nothing run
 * (`provisioner: none`), and with Astronomer's chart, which has no such limit, every version can.
 */
export const whyNotRunnable = (config: Config, version: Version): string | undefined =>
  config.provisioner === "flux" && config.flux.profile === "apache" ? whyNotInChart(config, version) : undefined;

/** Returns true for the Airflow versions that Deployments of this platform can run. */
export const canRunAirflow =
  (config: Config) =>
  ({ version }: { version: string }): boolean =>
    whyNotRunnable(config, { airflowVersion: version, runtimeVersion: null }) === undefined;

/** Returns true for the Runtime versions that Deployments of this platform can run. */
export const canRunRuntime =
  (config: Config) =>
  ({ version, airflowVersion }: { version: string; airflowVersion: string | null }): boolean =>
    whyNotRunnable(config, { airflowVersion, runtimeVersion: version }) === undefined;

/** Why the chart of the Apache Airflow project cannot run a version; undefined if it can. */
export function whyNotInChart(config: Config, { airflowVersion, runtimeVersion }: Version): string | undefined {
  if (!airflowVersion) {
    const file = settingName(config, "deployments.astroRuntimeReleasesFile");
    const remedy = `choose another version, or name a file with its metadata.airflowVersion in ${file}, restart Houston and choose it again`;
    return `Which Airflow version Runtime ${runtimeVersion} contains is not known: ${remedy}`;
  }
  if (compareVersions(airflowVersion, EARLIEST) >= 0) return undefined;
  const contained = runtimeVersion === null ? "" : `, which Runtime ${runtimeVersion} contains,`;
  return `Airflow ${airflowVersion}${contained} cannot run: the chart needs Airflow ${EARLIEST} or later`;
}

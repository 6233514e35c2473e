import type { Config } from "../../../platform/config/config.ts";
import { settingName } from "../../../platform/config/configTree.ts";
import { compareVersions } from "../../releases/compareVersions.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";
import { ValuesError } from "./valuesError.ts";

type Versioned = Pick<WantedDeployment, "airflowVersion" | "runtimeVersion">;

/** The web page of Airflow 3 comes from its API server, and its DAGs from a DAG processor. */
export const isAirflow3 = ({ airflowVersion }: Pick<Versioned, "airflowVersion">): boolean =>
  compareVersions(airflowVersion, "3") >= 0;

/** The Airflow versions 3 that can take Houston's tokens; see airflow/README.md. */
export const takesTokens = ({ airflowVersion }: Pick<Versioned, "airflowVersion">): boolean =>
  !isAirflow3({ airflowVersion }) || compareVersions(airflowVersion, "3.2") >= 0;

/** The chart of the Apache Airflow project runs no earlier one since its version 1.20. */
const EARLIEST = "2.11";

/** Throws a ValuesError for a version that the chart of the Apache Airflow project cannot run. */
export function assertAirflowVersion({ airflowVersion, runtimeVersion }: Versioned, config: Config): void {
  if (airflowVersion === "") {
    const file = settingName(config, "deployments.astroRuntimeReleasesFile");
    const remedy = `choose another version, or name a file with its metadata.airflowVersion in ${file}, restart Houston and choose it again`;
    throw new ValuesError(`Which Airflow version Runtime ${runtimeVersion} contains is not known: ${remedy}`);
  }
  if (compareVersions(airflowVersion, EARLIEST) >= 0) return;
  throw new ValuesError(`Airflow ${airflowVersion} cannot run: the chart needs Airflow ${EARLIEST} or later`);
}

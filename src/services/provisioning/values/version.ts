import { compareVersions } from "../../releases/compareVersions.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";

type Versioned = Pick<WantedDeployment, "airflowVersion">;

/** The web page of Airflow 3 comes from its API server, and its DAGs from a DAG processor. */
export const isAirflow3 = ({ airflowVersion }: Versioned): boolean => compareVersions(airflowVersion, "3") >= 0;

/** The Airflow versions 3 that can take Houston's tokens; see airflow/README.md. */
export const takesTokens = ({ airflowVersion }: Versioned): boolean =>
  !isAirflow3({ airflowVersion }) || compareVersions(airflowVersion, "3.2") >= 0;

import type { Config } from "../../../platform/config/config.ts";
import type { DagDeployment } from "../../deployments/dags/dagDeployment.ts";
import type { DeploymentConfig } from "../../deployments/sizing/configAfter.ts";

/** A Deployment as it is to run: its row with all that belongs to it, secrets in clear, and the settings that apply. */
export interface WantedDeployment {
  id: string;
  clusterId: string;
  workspaceId: string;
  releaseName: string;
  namespace: string;
  /** Version of the Airflow chart, such as `1.22.0`. */
  chartVersion: string;
  /** Version of Airflow, such as `3.2.2`; for Runtime versions, that of the Airflow inside; empty if unknown. */
  airflowVersion: string;
  runtimeVersion: string | null;
  /** Executor, and size and number of the pods of each component. */
  config: DeploymentConfig;
  /** Capacity for pods beyond those of the components, in astro units. */
  extraAu: number;
  /** How DAGs get there; `sshKey` and `httpsToken` are in clear. */
  dagDeployment: DagDeployment;
  /** Image with tag or digest; null: the default image of the version. */
  image: string | null;
  /** Docker's config.json for the registry of the image. */
  dockerconfigjson: object | null;
  cloudRole: string | null;
  webserverReboot: boolean;
  kedaEnabled: boolean;
  workerQueues: WantedQueue[];
  variables: { key: string; value: string; isSecret: boolean }[];
  /** Domain under which the pages of Deployments are served: that of the cluster, else of the platform. */
  baseDomain: string;
  /** `deployments.*`, effective for this Deployment. */
  settings: Config["deployments"];
  /** Counts the changes of this Deployment. */
  revision: number;
}

/** A queue of Celery workers with a size of its own. */
export interface WantedQueue {
  name: string;
  isDefault: boolean;
  /** Tasks that one worker runs at the same time. */
  workerConcurrency: number;
  minWorkerCount: number;
  maxWorkerCount: number;
  /** Of one pod, in the units of Kubernetes: "0.5", "1Gi"; null: those of the component `workers`. */
  podCpu: string | null;
  podRam: string | null;
}

/** Secrets of one release that Houston generates once and keeps: new ones would invalidate what Airflow has stored. */
export interface ReleaseKeys {
  /** 32 bytes in URL-safe base64, as Airflow's Fernet takes it. */
  fernetKey: string;
  /** Signs the sessions of the webserver of Airflow 2, and of the API server of Airflow 3. */
  webserverSecretKey: string;
  /** Signs the tokens of Airflow 3's API for its own tasks. */
  jwtSecret: string;
  redisPassword: string;
  databasePassword: string;
}

/** Connection strings of one release. */
export interface ReleaseConnections {
  /** SQLAlchemy URL of the metadata database: `postgresql://user:password@host:5432/name?sslmode=…`; null: the operator's. */
  metadata: string | null;
  /** The same database as a result backend of Celery: `db+postgresql://…`. */
  resultBackend: string | null;
  /** URL of the broker; null unless the executor is Celery's. */
  broker: string | null;
}

import type { Config } from "../../../platform/config/config.ts";
import type { DagDeployment } from "../../deployments/dags/dagDeployment.ts";
import { configAfter } from "../../deployments/sizing/configAfter.ts";
import type { WantedDeployment, WantedQueue } from "../wanted/wanted.ts";

/** Versions whose values differ: before Airflow 3, without our sign-in, and with it. */
const VERSIONS = ["2.11.0", "3.0.6", "3.2.2"];

const repository = { branchName: "main", dagDirectoryLocation: "dags", syncInterval: 60, syncTimeout: 120 };
const deliveries: Record<string, DagDeployment> = {
  image: { type: "image" },
  "git_sync over SSH": {
    ...{ type: "git_sync", repositoryUrl: "git@git.example.com:team/dags.git", ...repository, ephemeralStorage: 5 },
    ...{ sshKey: "-----BEGIN OPENSSH PRIVATE KEY-----", knownHosts: "git.example.com ssh-ed25519 AAAA" },
  },
  "git_sync over HTTPS": {
    ...{ type: "git_sync", repositoryUrl: "https://git.example.com/team/dags.git", rev: "v1.2.0" },
    ...{ httpsUsername: "ci", httpsToken: "token" },
  },
  volume: { type: "volume", nfsLocation: "10.0.0.7:/dags" },
  dag_deploy: { type: "dag_deploy" },
};

const queue = { isDefault: false, workerConcurrency: 16, minWorkerCount: 0, maxWorkerCount: 10 };
const queues: WantedQueue[] = [
  { ...queue, name: "default", isDefault: true, podCpu: null, podRam: null },
  { ...queue, name: "Machine Learning", podCpu: "2", podRam: "4Gi" },
];

/** Everything that a Deployment may have besides, by its title. */
const extras = (profile: Config["flux"]["profile"]): Record<string, Partial<WantedDeployment>> => ({
  "with the defaults": {},
  "with everything else": {
    image: "registry.example.com:5000/quiet-comet-1000/airflow:deploy-1",
    dockerconfigjson: { auths: {} },
    ...{ cloudRole: "role", webserverReboot: true, kedaEnabled: true, extraAu: 10 },
    variables: [
      { key: "PLAIN", value: "1", isSecret: false },
      { key: "SECRET", value: "2", isSecret: true },
      { key: "AIRFLOW__CORE__FERNET_KEY", value: "3", isSecret: true },
    ],
    // Astronomer's chart has one set of workers.
    workerQueues: profile === "apache" ? queues : queues.slice(0, 1),
  },
});

/** A Deployment of this platform for every combination of executor, version, delivery of DAGs and everything else. */
export function sampleDeployments(config: Config): { title: string; wanted: WantedDeployment }[] {
  const { deployments, flux, helm } = config;
  const executors = deployments.executors.filter(({ enabled }) => enabled).map(({ name }) => name);
  const ways = Object.keys(deliveries).filter((way) => flux.profile === "astronomer" || way !== "dag_deploy");
  return executors.flatMap((executor) =>
    VERSIONS.flatMap((airflowVersion) =>
      ways.flatMap((way) =>
        Object.entries(extras(flux.profile)).map(([extra, given]) => ({
          title: `${executor}, Airflow ${airflowVersion}, ${way}, ${extra}`,
          wanted: {
            ...{ id: "sample", clusterId: "sample", workspaceId: "sample", revision: 1, runtimeVersion: null },
            ...{
              releaseName: "quiet-comet-1000",
              namespace: "quiet-comet-1000",
              chartVersion: deployments.chart.version,
            },
            config: configAfter(config, { executor, components: {} }, undefined, airflowVersion),
            ...{ image: null, dockerconfigjson: null, cloudRole: null, webserverReboot: false, kedaEnabled: false },
            ...{ extraAu: 0, variables: [], workerQueues: [], baseDomain: helm.baseDomain, settings: deployments },
            ...given,
            airflowVersion,
            dagDeployment: deliveries[way] ?? {},
          },
        })),
      ),
    ),
  );
}

import { workerMachines } from "./workerMachines.mjs";

/** A Deployment of the Platform API from its row, under the platform's default settings. */

/** What is read besides the row itself. */
export const deploymentInclude = {
  workspace: { select: { label: true } },
  cluster: true,
  environmentVariables: { orderBy: { key: "asc" } },
  workerQueues: { orderBy: [{ isDefault: "desc" }, { name: "asc" }] },
};

const executors = { CeleryExecutor: "CELERY", KubernetesExecutor: "KUBERNETES" };

/** An astro unit, in thousandths of a core and MiB. */
const AU = { cpu: 100, memory: 384 };

/** The size of one pod as Kubernetes quantities. */
function sizeOf({ resources }) {
  const { cpu, memory } = resources.limits;
  return { cpu: String(cpu / 1000), memory: memory % 1024 === 0 ? `${memory / 1024}Gi` : `${memory}Mi` };
}

/** The repository and the tag of an image. */
function partsOf(image, releaseName) {
  if (!image) return { repository: `registry.localhost/${releaseName}/airflow`, tag: "" };
  const [, repository, tag = ""] = /^(.+?)(?::([^:/@]+))?(?:@.*)?$/.exec(image);
  return { repository, tag };
}

function toQueue(config, { id, name, isDefault, astroMachine, nodePoolId, ...queue }) {
  const size = workerMachines[astroMachine] ?? sizeOf(config.workers);
  return {
    ...{ id, name, isDefault, astroMachine: astroMachine ?? undefined, nodePoolId: nodePoolId ?? undefined },
    minWorkerCount: queue.minWorkerCount,
    maxWorkerCount: queue.maxWorkerCount,
    workerConcurrency: queue.workerConcurrency,
    podCpu: size.cpu,
    podMemory: size.memory,
  };
}

const toVariable = ({ key, value, isSecret, updatedAt }) => ({
  ...{ key, isSecret, updatedAt },
  value: isSecret ? undefined : value,
});

function scalingOf({ scalingSpec }) {
  if (!scalingSpec) return {};
  const override = scalingSpec.hibernationSpec?.override;
  const isActive = override && new Date(override.overrideUntil) > new Date();
  const hibernationSpec = override
    ? { ...scalingSpec.hibernationSpec, override: { ...override, isActive } }
    : scalingSpec.hibernationSpec;
  return {
    scalingSpec: { ...scalingSpec, hibernationSpec },
    scalingStatus: { hibernationStatus: { isHibernating: false } },
  };
}

/** The answer for a row with what `deploymentInclude` adds; a field that is undefined is omitted. */
export function toDeployment(row, subjects, seesVariables) {
  const { config, cluster, workspace, platformApi: own, releaseName } = row;
  const host = `deployments.${cluster.baseDomain ?? "localhost"}`;
  const base = `https://${host}/${releaseName}`;
  const uiUrl = `${base}/airflow`;
  const apiUrl = `${uiUrl}/api/${/^[12]\./.test(row.airflowVersion ?? "2.") ? "v1" : "v2"}`;
  const image = partsOf(row.image, releaseName);
  const [scheduler, webserver] = [sizeOf(config.scheduler), sizeOf(config.webserver)];
  const { cpu, memory } = config.scheduler.resources.limits;
  return {
    id: row.id,
    organizationId: row.organizationId,
    workspaceId: row.workspaceId,
    workspaceName: workspace.label,
    clusterId: cluster.id,
    clusterName: cluster.name,
    name: row.label,
    description: row.description,
    namespace: releaseName,
    type: own.type ?? cluster.platformApi.type ?? (cluster.isDefault ? "STANDARD" : "DEDICATED"),
    cloudProvider: own.cloudProvider ?? cluster.cloudProvider,
    region: own.region ?? cluster.platformApi.region,
    status: row.status,
    statusReason: row.isCordoned ? row.cordonReason || "cordoned" : undefined,
    executor: own.executor === "ASTRO" ? "ASTRO" : executors[row.executor],
    airflowVersion: row.airflowVersion ?? "",
    runtimeVersion: row.runtimeVersion ?? "",
    astroRuntimeVersion: row.runtimeVersion ?? "",
    imageRepository: image.repository,
    imageTag: image.tag,
    isDagDeployEnabled: row.dagDeployment.type === "dag_deploy",
    isCicdEnforced: own.isCicdEnforced ?? false,
    isDevelopmentMode: own.isDevelopmentMode,
    isHighAvailability: own.isHighAvailability,
    schedulerSize: own.schedulerSize,
    schedulerAu: cpu % AU.cpu === 0 && cpu * AU.memory === memory * AU.cpu ? cpu / AU.cpu : undefined,
    schedulerCpu: scheduler.cpu,
    schedulerMemory: scheduler.memory,
    schedulerReplicas: config.scheduler.replicas,
    webServerCpu: webserver.cpu,
    webServerMemory: webserver.memory,
    webServerReplicas: config.webserver.replicas ?? 1,
    webServerUrl: uiUrl,
    webServerIngressHostname: host,
    webServerAirflowApiUrl: apiUrl,
    uiUrl,
    apiUrl,
    workerQueues: row.workerQueues.map((queue) => toQueue(config, queue)),
    defaultTaskPodCpu: own.defaultTaskPodCpu,
    defaultTaskPodMemory: own.defaultTaskPodMemory,
    resourceQuotaCpu: own.resourceQuotaCpu,
    resourceQuotaMemory: own.resourceQuotaMemory,
    taskPodNodePoolId: own.taskPodNodePoolId,
    environmentVariables: seesVariables ? row.environmentVariables.map(toVariable) : undefined,
    contactEmails: row.alertEmails,
    workloadIdentity: row.cloudRole ?? undefined,
    drWorkloadIdentity: own.drWorkloadIdentity,
    externalIPs: [],
    remoteExecution: own.remoteExecution && {
      ...{ allowedIpAddressRanges: [], remoteApiUrl: `${base}/remote-api`, ...own.remoteExecution },
    },
    ...scalingOf(own),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    createdBy: subjects.get(row.createdBy),
    updatedBy: subjects.get(row.updatedBy),
  };
}

import type { Config } from "../../../platform/config/config.ts";
import type { Field, Joins } from "../../../query/entity.ts";
import { booleanOf, jsonOf } from "../../../query/json.ts";
import { clusterView } from "../clusters/view.ts";
import type { Mapping } from "../routing/mapping.ts";
import { subjectIn } from "../routing/parts.ts";
import { addressSql, cluster } from "./addressSql.ts";
import { componentSql } from "./componentSql.ts";
import type { Deployment } from "./schemas.ts";

type Fetch = Field<"Deployment">;

/** What GraphQL does not have is stored under the name of its field here. */
const only = (name: string, otherwise?: string): { v1: string; fetch: Fetch } => ({
  v1: "Only here.",
  fetch: { json: otherwise ? `coalesce(${own(name)}::text, ${otherwise})` : `${own(name)}::text` },
});
const own = (name: string) => `($row."platformApi"->'${name}')`;
const never = { v1: "Never present.", fetch: { json: "NULL::text" } as Fetch };

const workspace: Joins = { workspace: { table: "Workspace", id: `$row."workspaceId"` } };

const STATUS = `'"' || $row.status || '"'`;
const EXECUTOR = `CASE
  WHEN $row.executor = 'CeleryExecutor' AND $row."platformApi"->>'executor' = 'ASTRO' THEN '"ASTRO"'
  WHEN $row.executor = 'CeleryExecutor' THEN '"CELERY"'
  WHEN $row.executor = 'KubernetesExecutor' THEN '"KUBERNETES"' END`;
// As the list of clusters has it: one that nobody described is of type HYBRID.
const TYPE = `coalesce(${own("type")}, $cluster."platformApi"->'type',
  CASE WHEN $cluster."isDefault" THEN '"STANDARD"' ELSE '"HYBRID"' END::jsonb)::text`;
/** A field of the cluster, as the list of clusters shows it. */
function ofCluster(config: Config, name: string): string {
  const field = clusterView(config).entity.fields[name];
  if (!field || !("sql" in field)) throw new Error(`Cluster.${name} is not an SQL value`);
  return field.sql.replaceAll("$row.", "$cluster.");
}

const IS_AIRFLOW_2 = `left(coalesce($row."airflowVersion", '2.'), 2) IN ('1.', '2.')`;

// Of registry:5000/team/image:tag@digest, the last part has the only colon before a tag.
const LAST_PART = `split_part($row.image, '/', -1)`;
const IMAGE_NAME = `split_part(${LAST_PART}, '@', 1)`;
const IMAGE_REPOSITORY = `(left($row.image, -length(${LAST_PART})) || split_part(${IMAGE_NAME}, ':', 1))`;

/** The override is in effect until its end. */
const SPEC = own("scalingSpec");
const SCALING_SPEC = `CASE WHEN ${SPEC}#>'{hibernationSpec,override}' IS NULL THEN ${SPEC}::text
  ELSE jsonb_set(${SPEC}, '{hibernationSpec,override,isActive}', to_jsonb(
    (${SPEC}#>>'{hibernationSpec,override,overrideUntil}')::timestamptz > now()))::text END`;
const SCALING_STATUS = `CASE WHEN ${SPEC} IS NOT NULL
  THEN '{"hibernationStatus":{"isHibernating":false}}' END`;

/** How each field of a Deployment maps to the GraphQL API and to the tables. */
export function deploymentMapping(config: Config): Mapping<typeof Deployment, "Deployment"> {
  const scheduler = componentSql(config, "scheduler");
  const webserver = componentSql(config, "webserver");
  const { host, base, repository } = addressSql(config);
  const ui = {
    v1: "`urls`, the one of type `airflow`.",
    fetch: { json: jsonOf(`(${base} || '/airflow')`), joins: cluster },
  };
  const api = {
    v1: "`webServerUrl` with `/api/v2`; `/api/v1` before Airflow 3.",
    fetch: {
      json: jsonOf(`(${base} || CASE WHEN ${IS_AIRFLOW_2} THEN '/airflow/api/v1' ELSE '/airflow/api/v2' END)`),
      joins: cluster,
    },
  };
  const runtime = {
    v1: '`runtimeVersion`; "" for plain Airflow.',
    fetch: { json: jsonOf(`coalesce($row."runtimeVersion", '')`) },
  };
  const variables: Fetch = { many: "EnvironmentVariable", theirs: "deploymentId", implied: true };
  return {
    id: { v1: "`id`." },
    organizationId: { v1: "That of its Workspace." },
    workspaceId: { v1: "`workspace.id`." },
    workspaceName: { v1: "`workspace.label`.", fetch: { json: jsonOf("$workspace.label"), joins: workspace } },
    clusterId: { v1: "`cluster.id`." },
    clusterName: { v1: "`cluster.name`.", fetch: { json: jsonOf("$cluster.name"), joins: cluster } },
    name: { v1: "`label`.", fetch: { column: "label" } },
    description: { v1: "`description`." },
    namespace: { v1: "`releaseName`.", fetch: { column: "releaseName" } },
    type: {
      v1: "Only here. Otherwise that of its cluster; `STANDARD` on the default cluster.",
      fetch: { json: TYPE, joins: cluster },
    },
    cloudProvider: {
      v1: "Only here. Otherwise that of its cluster.",
      fetch: {
        json: `coalesce(${own("cloudProvider")}::text, to_json($cluster."cloudProvider")::text)`,
        joins: cluster,
      },
    },
    region: {
      v1: "Only here. Otherwise that of its cluster.",
      fetch: {
        json: `coalesce(${own("region")}::text, to_json(${ofCluster(config, "region")})::text)`,
        joins: cluster,
      },
    },
    status: {
      v1: "`status`. `UNKNOWN` until a provisioner has reported; never `CREATING` or `HIBERNATING`.",
      fetch: { json: STATUS },
    },
    statusReason: {
      v1: "The reason for its cordon, else `deploymentStatus.statusReason`.",
      fetch: {
        json: `CASE WHEN $row."isCordoned" THEN ${jsonOf(`coalesce(nullif($row."cordonReason", ''), 'cordoned')`)}
          WHEN $row."statusReason" IS NOT NULL THEN ${jsonOf('$row."statusReason"')} END`,
      },
    },
    executor: {
      v1: "`config.executor`: CeleryExecutor, KubernetesExecutor; absent for LocalExecutor.",
      fetch: { json: EXECUTOR },
    },
    airflowVersion: {
      v1: '`airflowVersion`, or `runtimeAirflowVersion` with Runtime; "" if unknown.',
      fetch: { json: jsonOf(`coalesce($row."airflowVersion", '')`) },
    },
    runtimeVersion: runtime,
    astroRuntimeVersion: runtime,
    imageRepository: {
      v1: "The image of the last deploy, without its tag; before the first one, where to push it.",
      fetch: { json: jsonOf(`coalesce(${IMAGE_REPOSITORY}, ${repository})`) },
    },
    imageTag: {
      v1: '`deployInfo.current`; "" before the first deploy or if the image names no tag.',
      fetch: { json: jsonOf(`coalesce(split_part(${IMAGE_NAME}, ':', 2), '')`) },
    },
    imageVersion: never,
    isDagDeployEnabled: {
      v1: "`dagDeployment.type` is `dag_deploy`.",
      fetch: { json: booleanOf(`$row."dagDeployment"->>'type' = 'dag_deploy'`) },
    },
    dagTarballVersion: never,
    desiredDagTarballVersion: never,
    isCicdEnforced: only("isCicdEnforced", "'false'"),
    isDevelopmentMode: only("isDevelopmentMode"),
    isHighAvailability: only("isHighAvailability"),
    schedulerSize: only("schedulerSize"),
    schedulerAu: {
      v1: "The limits in `config.scheduler.resources`, if they are a whole number of astro units.",
      fetch: { json: scheduler.au },
    },
    schedulerCpu: { v1: "`config.scheduler.resources.limits.cpu`, in cores.", fetch: { json: scheduler.cpu } },
    schedulerMemory: { v1: "`config.scheduler.resources.limits.memory`.", fetch: { json: scheduler.memory } },
    schedulerReplicas: { v1: "`config.scheduler.replicas`.", fetch: { json: scheduler.replicas } },
    webServerCpu: { v1: "`config.webserver.resources.limits.cpu`, in cores.", fetch: { json: webserver.cpu } },
    webServerMemory: { v1: "`config.webserver.resources.limits.memory`.", fetch: { json: webserver.memory } },
    webServerReplicas: { v1: "`config.webserver.replicas`, or 1.", fetch: { json: webserver.replicas } },
    webServerUrl: ui,
    webServerIngressHostname: { v1: "The host of `webServerUrl`.", fetch: { json: jsonOf(host), joins: cluster } },
    webServerAirflowApiUrl: api,
    uiUrl: ui,
    apiUrl: api,
    workerQueues: {
      v1: "Only here.",
      fetch: { many: "WorkerQueue", theirs: "deploymentId", implied: true },
    },
    defaultTaskPodCpu: only("defaultTaskPodCpu"),
    defaultTaskPodMemory: only("defaultTaskPodMemory"),
    resourceQuotaCpu: only("resourceQuotaCpu"),
    resourceQuotaMemory: only("resourceQuotaMemory"),
    taskPodNodePoolId: only("taskPodNodePoolId"),
    environmentVariables: { v1: "`environmentVariables`; without the values of secrets.", fetch: variables },
    contactEmails: { v1: "`alertEmails`.", fetch: { column: "alertEmails" } },
    workloadIdentity: { v1: "`cloudRole`.", fetch: { column: "cloudRole" } },
    drWorkloadIdentity: only("drWorkloadIdentity"),
    externalIPs: { v1: "Always empty.", fetch: { json: `'[]'` } },
    drExternalIPs: never,
    oidcIssuerUrl: never,
    drOidcIssuerUrl: never,
    remoteExecution: {
      v1: "Only here.",
      fetch: {
        json: `(jsonb_build_object('allowedIpAddressRanges', '[]'::jsonb, 'remoteApiUrl', ${base} || '/remote-api')
          || ${own("remoteExecution")})::text`,
        joins: cluster,
      },
    },
    scalingSpec: { v1: "Only here.", fetch: { json: SCALING_SPEC } },
    scalingStatus: { v1: "Only here, with a `scalingSpec`. Nothing hibernates.", fetch: { json: SCALING_STATUS } },
    createdAt: { v1: "`createdAt`." },
    updatedAt: { v1: "`updatedAt`." },
    createdBy: { v1: "Only here.", fetch: subjectIn("createdBy") },
    updatedBy: { v1: "Only here.", fetch: subjectIn("updatedBy") },
  };
}

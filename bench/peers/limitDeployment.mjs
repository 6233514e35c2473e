import { workerMachines } from "./workerMachines.mjs";

/**
 * The Deployment of the Platform API as JSON text: `d` with its Workspace `w` and its cluster `c`. All fields are here,
 * under the platform's default settings. Text is concatenated, which takes PostgreSQL less time than json_build_object:
 * in groups, because `||` copies the text on its left, and with concat where something may be NULL.
 */

const json = (sql) => `to_json(${sql})::text`;
/** Three digits of a fraction, which to_json omits where they are zeros. */
const time = (column) => `left(to_json(${column} + interval '1 microsecond')::text, 24) || 'Z"'`;
const own = (name) => `(d."platformApi"->'${name}')`;
const limit = (component, unit) => `(d.config#>'{${component},resources,limits,${unit}}')::numeric`;
const cores = (component) => json(`trim_scale(${limit(component, "cpu")} / 1000)::text`);
const memory = (component) =>
  json(`CASE WHEN ${limit(component, "memory")} % 1024 = 0 THEN trim_scale(${limit(component, "memory")} / 1024) || 'Gi'
    ELSE ${limit(component, "memory")} || 'Mi' END`);

const host = `'deployments.' || coalesce(c."baseDomain", 'localhost')`;
const ui = json(`'https://' || ${host} || '/' || d."releaseName" || '/airflow'`);
const api = json(`'https://' || ${host} || '/' || d."releaseName" || '/airflow/api/'
  || CASE WHEN d."airflowVersion" ~ '^[12]\\.' THEN 'v1' ELSE 'v2' END`);

const subject = (column) => `(
  SELECT concat('{"subjectType":"USER","id":"', u.id, '","username":', ${json("u.username")}, ',"fullName":',
    ${json('u."fullName"')}, '}')
  FROM "User" u WHERE u.id = substr(d."${column}", 6))`;

/** The size of a worker on its machine; without one, the Deployment's settings give it. */
const sizes = (unit) => Object.entries(workerMachines).map(([name, of]) => `WHEN '${name}' THEN '"${of[unit]}"'`);
const pod = (unit, otherwise) => `CASE q."astroMachine" ${sizes(unit).join(" ")} ELSE ${otherwise} END`;
const queues = `(
  SELECT string_agg(concat('{"id":"', q.id, '","name":', ${json("q.name")}, ',"isDefault":', ${json('q."isDefault"')},
    ',"astroMachine":' || ${json('q."astroMachine"')}::text, ',"nodePoolId":' || ${json('q."nodePoolId"')}::text,
    ',"minWorkerCount":', q."minWorkerCount", ',"maxWorkerCount":', q."maxWorkerCount",
    ',"workerConcurrency":', q."workerConcurrency",
    ',"podCpu":', ${pod("cpu", cores("workers"))},
    ',"podMemory":', ${pod("memory", memory("workers"))},
    '}'), ',' ORDER BY q."isDefault" DESC, q.name)
  FROM "WorkerQueue" q WHERE q."deploymentId" = d.id)`;
const variables = `(
  SELECT string_agg(concat('{"key":', ${json("v.key")}, ',"isSecret":', ${json('v."isSecret"')},
    ',"value":' || CASE WHEN NOT v."isSecret" THEN ${json("v.value")} END,
    ',"updatedAt":', ${time('v."updatedAt"')}, '}'), ',' ORDER BY v.key)
  FROM "EnvironmentVariable" v WHERE v."deploymentId" = d.id)`;

/** The fields that are always there, with the SQL of their JSON. */
const always = {
  organizationId: json('d."organizationId"'),
  workspaceId: json('d."workspaceId"'),
  workspaceName: json("w.label"),
  clusterId: json("c.id"),
  clusterName: json("c.name"),
  name: json("d.label"),
  description: json("d.description"),
  namespace: json('d."releaseName"'),
  cloudProvider: `coalesce(${own("cloudProvider")}, to_jsonb(c."cloudProvider"))`,
  type: `coalesce(${own("type")}, c."platformApi"->'type',
    to_jsonb(CASE WHEN c."isDefault" THEN 'STANDARD' ELSE 'DEDICATED' END))`,
  status: json("d.status"),
  airflowVersion: json(`coalesce(d."airflowVersion", '')`),
  runtimeVersion: json(`coalesce(d."runtimeVersion", '')`),
  astroRuntimeVersion: json(`coalesce(d."runtimeVersion", '')`),
  imageRepository: json(`coalesce(regexp_replace(d.image, '(:[^:/@]+)?(@.*)?$', ''),
    'registry.localhost/' || d."releaseName" || '/airflow')`),
  imageTag: json(`coalesce(substring(d.image from '^[^@]*:([^:/@]+)(?:@.*)?$'), '')`),
  isDagDeployEnabled: json(`d."dagDeployment"->>'type' = 'dag_deploy'`),
  isCicdEnforced: `coalesce(${own("isCicdEnforced")}, 'false')`,
  schedulerCpu: cores("scheduler"),
  schedulerMemory: memory("scheduler"),
  schedulerReplicas: "d.config#>'{scheduler,replicas}'",
  webServerCpu: cores("webserver"),
  webServerMemory: memory("webserver"),
  webServerReplicas: "coalesce(d.config#>'{webserver,replicas}', '1')",
  webServerUrl: ui,
  webServerIngressHostname: json(host),
  webServerAirflowApiUrl: api,
  uiUrl: ui,
  apiUrl: api,
  workerQueues: `concat('[', ${queues}, ']')`,
  contactEmails: json('d."alertEmails"'),
  externalIPs: `'[]'`,
  createdAt: time('d."createdAt"'),
  updatedAt: time('d."updatedAt"'),
  createdBy: subject("createdBy"),
  updatedBy: subject("updatedBy"),
};

/** The fields that are omitted without a value. */
const sometimes = {
  region: `coalesce(${own("region")}, c."platformApi"->'region')`,
  statusReason: json(`CASE WHEN d."isCordoned" THEN coalesce(nullif(d."cordonReason", ''), 'cordoned') END`),
  executor: `CASE d.executor WHEN 'CeleryExecutor' THEN
    CASE WHEN d."platformApi"->>'executor' = 'ASTRO' THEN '"ASTRO"' ELSE '"CELERY"' END
    WHEN 'KubernetesExecutor' THEN '"KUBERNETES"' END`,
  schedulerAu: `CASE WHEN ${limit("scheduler", "cpu")} % 100 = 0
    AND ${limit("scheduler", "cpu")} * 384 = ${limit("scheduler", "memory")} * 100
    THEN div(${limit("scheduler", "cpu")}, 100) END`,
  workloadIdentity: json('d."cloudRole"'),
  environmentVariables: `CASE WHEN d.variables THEN concat('[', ${variables}, ']') END`,
  remoteExecution: `jsonb_build_object('allowedIpAddressRanges', '[]'::jsonb, 'remoteApiUrl',
    'https://' || ${host} || '/' || d."releaseName" || '/remote-api') || ${own("remoteExecution")}`,
  scalingSpec: `CASE WHEN ${own("scalingSpec")}#>'{hibernationSpec,override}' IS NULL THEN ${own("scalingSpec")}
    ELSE jsonb_set(${own("scalingSpec")}, '{hibernationSpec,override,isActive}',
      to_jsonb((${own("scalingSpec")}#>>'{hibernationSpec,override,overrideUntil}')::timestamptz > now())) END`,
  scalingStatus: `CASE WHEN ${own("scalingSpec")} IS NOT NULL THEN '{"hibernationStatus":{"isHibernating":false}}' END`,
  ...Object.fromEntries(
    [
      "isDevelopmentMode",
      "isHighAvailability",
      "schedulerSize",
      "defaultTaskPodCpu",
      "defaultTaskPodMemory",
      "resourceQuotaCpu",
      "resourceQuotaMemory",
      "taskPodNodePoolId",
      "drWorkloadIdentity",
    ].map((name) => [name, own(name)]),
  ),
};

const parts = [
  `'{"id":"' || d.id || '"'`,
  ...Object.entries(always).map(([key, sql]) => `',"${key}":' || (${sql})::text`),
  ...Object.entries(sometimes).map(([key, sql]) => `coalesce(',"${key}":' || (${sql})::text, '')`),
];
const groups = Array.from({ length: 7 }, (_, n) => parts.slice(n * 8, n * 8 + 8).join(" || "));

/** Needs `d` with a column `variables`: whether the caller may see those. */
export const deploymentJson = `((${groups.filter(Boolean).join(") || (")}) || '}')`;

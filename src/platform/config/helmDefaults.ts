/**
 * The values in `deployments.helm` that have defaults; any other key is allowed there too. The defaults are what earlier
 * versions gave to the chart of their platform.
 */
export const helmDefaults: Readonly<Record<string, unknown>> = {
  "deployments.helm.sslmode": "disable",
  "deployments.helm.networkNSLabels": false,
  "deployments.helm.defaultRuntimeRepository": "quay.io/astronomer/astro-runtime",
  "deployments.helm.runtimeImages.airflow.repository": "quay.io/astronomer/astro-runtime",
  "deployments.helm.runtimeImages.flower.repository": "quay.io/astronomer/astro-runtime",
  "deployments.helm.airflow.defaultAirflowRepository": "quay.io/astronomer/ap-airflow",
  "deployments.helm.airflow.elasticsearch.enabled": false,
  "deployments.helm.airflow.elasticsearch.connection.host": "localhost",
  "deployments.helm.airflow.elasticsearch.connection.port": 9200,
  "deployments.helm.airflow.uid": 50000,
  "deployments.helm.airflow.gid": 50000,
  "deployments.helm.airflow.rbac.create": true,
  "deployments.helm.airflow.networkPolicies.enabled": false,
  "deployments.helm.airflow.pgbouncer.enabled": true,
  "deployments.helm.airflow.pgbouncer.metricsExporterSidecar.resources.requests.cpu": "100m",
  "deployments.helm.airflow.pgbouncer.metricsExporterSidecar.resources.requests.memory": "384Mi",
  "deployments.helm.airflow.pgbouncer.metricsExporterSidecar.resources.limits.cpu": "100m",
  "deployments.helm.airflow.pgbouncer.metricsExporterSidecar.resources.limits.memory": "384Mi",
  "deployments.helm.airflow.allowPodLaunching": true,
  "deployments.helm.airflow.scheduler.logGroomerSidecar.resources.requests.cpu": "100m",
  "deployments.helm.airflow.scheduler.logGroomerSidecar.resources.requests.memory": "384Mi",
  "deployments.helm.airflow.scheduler.logGroomerSidecar.resources.limits.cpu": "100m",
  "deployments.helm.airflow.scheduler.logGroomerSidecar.resources.limits.memory": "384Mi",
  "deployments.helm.airflow.triggerer.logGroomerSidecar.resources.requests.cpu": "100m",
  "deployments.helm.airflow.triggerer.logGroomerSidecar.resources.requests.memory": "384Mi",
  "deployments.helm.airflow.triggerer.logGroomerSidecar.resources.limits.cpu": "100m",
  "deployments.helm.airflow.triggerer.logGroomerSidecar.resources.limits.memory": "384Mi",
  "deployments.helm.ingress.enabled": true,
};

/** What Houston itself reads some of them for. */
export const helmDescriptions: Readonly<Record<string, string>> = {
  "deployments.helm.runtimeImages.airflow.repository":
    "Repository of the images of Runtime versions, for Deployments without an image of their own.",
  "deployments.helm.airflow.defaultAirflowRepository":
    "Repository of the images of Airflow versions, for Deployments without an image of their own. The default stands for `apache/airflow` with `flux.profile: apache`.",
  "deployments.helm.ingress.enabled": "Web pages of Deployments have an ingress.",
};

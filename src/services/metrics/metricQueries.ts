import { helmReleaseName } from "../provisioning/values/names.ts";

/** The values of `MetricType`. */
export const metricTypes = [
  "DEPLOYMENT_STATUS",
  "DEPLOYMENT_TASKS",
  "DEPLOYMENT_DATABASE",
  "DEPLOYMENT_SCHEDULER",
  "DEPLOYMENT_QUOTAS",
  "DEPLOYMENT_USAGE",
] as const;

export type MetricType = (typeof metricTypes)[number];

/** A measurement and its Prometheus query. */
export interface MetricQuery {
  label: string;
  query: string;
}

/** The names that identify a Deployment in Prometheus. */
export interface Place {
  releaseName: string;
  namespace: string;
}

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * The queries of one metric type for one Deployment. They use the metric names of Airflow's StatsD exporter,
 * kube-state-metrics and cAdvisor. Throws for a name that is not a DNS label, because it could change the query.
 */
export function metricQueries(type: MetricType, { releaseName, namespace }: Place): readonly MetricQuery[] {
  if (!dnsLabel.test(releaseName) || !dnsLabel.test(namespace))
    throw new Error("The name of a Deployment must be a DNS label");
  // Houston shortens long names for Helm; others, who provision Deployments themselves, may not.
  const release = [...new Set([releaseName, helmReleaseName(releaseName)])].join("|");
  const airflow = `{release=~"${release}"}`;
  // Namespaces may be shared, and a release name may be the prefix of another one.
  const pods = `namespace="${namespace}",pod=~"(${release})-(scheduler|webserver|api-server|worker|triggerer|dag-processor|flower|statsd|pgbouncer|redis)(-.*)?"`;
  const containers = `{${pods},container!="",container!="POD"}`;
  switch (type) {
    case "DEPLOYMENT_STATUS":
      return [
        { label: "pods ready", query: `sum(kube_pod_status_ready{${pods},condition="true"})` },
        { label: "pods not ready", query: `sum(kube_pod_status_ready{${pods},condition="false"})` },
        { label: "container restarts", query: `sum(increase(kube_pod_container_status_restarts_total{${pods}}[5m]))` },
      ];
    case "DEPLOYMENT_TASKS":
      return [
        { label: "tasks succeeded", query: `sum(increase(airflow_ti_successes${airflow}[5m]))` },
        { label: "tasks failed", query: `sum(increase(airflow_ti_failures${airflow}[5m]))` },
        { label: "tasks running", query: `sum(airflow_executor_running_tasks${airflow})` },
        { label: "tasks queued", query: `sum(airflow_executor_queued_tasks${airflow})` },
      ];
    case "DEPLOYMENT_DATABASE":
      return [
        { label: "database connections in use", query: `sum(pgbouncer_pools_server_active_connections${airflow})` },
        {
          label: "clients waiting for the database",
          query: `sum(pgbouncer_pools_client_waiting_connections${airflow})`,
        },
      ];
    case "DEPLOYMENT_SCHEDULER":
      return [
        {
          label: "scheduler heartbeats per minute",
          query: `sum(rate(airflow_scheduler_heartbeat${airflow}[5m])) * 60`,
        },
        { label: "seconds to read all DAGs", query: `max(airflow_dag_processing_total_parse_time${airflow})` },
        { label: "DAG files with errors", query: `max(airflow_dag_processing_import_errors${airflow})` },
      ];
    case "DEPLOYMENT_QUOTAS":
      return [
        {
          label: "quota of the namespace, used and hard",
          query: `sum by (resource, type) (kube_resourcequota{namespace="${namespace}"})`,
        },
      ];
    case "DEPLOYMENT_USAGE":
      return [
        { label: "CPU cores", query: `sum(rate(container_cpu_usage_seconds_total${containers}[5m]))` },
        { label: "memory bytes", query: `sum(container_memory_working_set_bytes${containers})` },
      ];
  }
}

import type { Config } from "../../../platform/config/config.ts";
import type { KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";
import { deploymentLabels, MANAGED_BY } from "../values/labels.ts";
import { helmReleaseName, secretNamesOf } from "../values/names.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";
import type { ObjectsContext } from "./objectsContext.ts";

/** Says which revision of the Deployment a HelmRelease was written for. */
export const REVISION = "houston/desired-revision";

/** Time until a failed installation or upgrade is tried again. */
const RETRY_INTERVAL = "2m";

/** Revisions that Helm keeps of each release. */
const MAX_HISTORY = 5;

/** The HelmRelease of a Deployment. Nothing in it is secret: the values are in a Secret. */
export function helmRelease(
  wanted: WantedDeployment,
  { config, onFailedUpgrade }: Pick<ObjectsContext, "config" | "onFailedUpgrade">,
): KubernetesObject {
  const { flux } = config;
  const retry = { strategy: { name: "RetryOnFailure", retryInterval: RETRY_INTERVAL } };
  return {
    apiVersion: "helm.toolkit.fluxcd.io/v2",
    kind: "HelmRelease",
    metadata: {
      name: wanted.releaseName,
      namespace: wanted.namespace,
      labels: { ...MANAGED_BY, ...deploymentLabels(wanted, config) },
      annotations: { [REVISION]: `${wanted.revision}` },
    },
    spec: {
      releaseName: helmReleaseName(wanted.releaseName),
      ...chartOf(wanted, config),
      interval: flux.interval,
      timeout: flux.timeout,
      maxHistory: MAX_HISTORY,
      ...(flux.serviceAccountName !== null && { serviceAccountName: flux.serviceAccountName }),
      install: { createNamespace: false, ...retry },
      upgrade: onFailedUpgrade === "retry" ? retry : rollback,
      uninstall: { deletionPropagation: "foreground" },
      driftDetection: driftDetection(flux),
      waitStrategy: { name: "poller" },
      postRenderers: [{ kustomize: { patches: [migrationOf(wanted)] } }],
      valuesFrom: [{ kind: "Secret", name: secretNamesOf(wanted.releaseName).values, valuesKey: "values.yaml" }],
    },
  };
}

/** Once, after the first failure; without `remediateLastFailure`, that of the last attempt stays as it is. */
const rollback = {
  strategy: { name: "RemediateOnFailure" },
  remediation: { strategy: "rollback", retries: 0, remediateLastFailure: true },
};

/**
 * Gives the job that migrates the database another name in each revision. Kubernetes does not allow changing a job, and the
 * chart has one name for all: until it is removed five minutes later, no upgrade and no rollback would succeed.
 */
function migrationOf({ releaseName, revision }: WantedDeployment) {
  const name = `${helmReleaseName(releaseName)}-db-${revision}`;
  return {
    target: { kind: "Job", name: ".*-run-airflow-migrations" },
    // JSON is YAML.
    patch: JSON.stringify([{ op: "replace", path: "/metadata/name", value: name }]),
  };
}

function chartOf({ chartVersion }: WantedDeployment, { flux }: Config) {
  const { sourceKind: kind, sourceName: name, sourceNamespace: namespace, chart, interval } = flux;
  if (kind === "OCIRepository") return { chartRef: { kind, name, namespace } };
  return { chart: { spec: { chart, version: chartVersion, interval, sourceRef: { kind, name, namespace } } } };
}

/** Autoscalers own the number of replicas, and Kubernetes removes the jobs of the chart once they have succeeded. */
const driftDetection = ({ driftDetection: mode }: Config["flux"]) => ({
  mode,
  ignore: [
    { paths: ["/spec/replicas"], target: { kind: "Deployment" } },
    { paths: ["/spec/replicas"], target: { kind: "StatefulSet" } },
    { paths: [""], target: { kind: "Job" } },
  ],
});

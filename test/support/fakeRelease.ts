import type { KubernetesObject, ObjectRef } from "../../src/platform/kubernetes/kubernetes.ts";
import { helmReleases } from "../../src/platform/kubernetes/resources.ts";

/** The HelmRelease of a Deployment as Houston applies it, in the namespace `airflow`. */
export const releaseOf = (deploymentId: string, name = deploymentId): KubernetesObject => ({
  apiVersion: "helm.toolkit.fluxcd.io/v2",
  kind: "HelmRelease",
  metadata: {
    name,
    namespace: "airflow",
    labels: {
      "app.kubernetes.io/managed-by": "houston",
      "platform-release": "astronomer",
      "houston/deployment": deploymentId,
    },
  },
  spec: { interval: "30m" },
});

/** Where it is. */
export const releaseRef = (name: string): ObjectRef => ({ resource: helmReleases, namespace: "airflow", name });

/** A condition of helm-controller, of this moment. */
export const condition = (type: string, status: "True" | "False" | "Unknown", reason: string, message = "") => ({
  ...{ type, status, reason, message, lastTransitionTime: new Date().toISOString() },
});

/** The status of a release that was installed. */
export const installed = (generation = 1) => ({
  observedGeneration: generation,
  lastAttemptedGeneration: generation,
  conditions: [condition("Ready", "True", "InstallSucceeded", "Helm install succeeded")],
});

/** The status of a release whose upgrade failed. */
export const upgradeFailed = (message: string, generation = 1) => ({
  observedGeneration: generation,
  lastAttemptedGeneration: generation,
  conditions: [condition("Ready", "False", "UpgradeFailed", message)],
});

/** A Deployment or StatefulSet of Kubernetes that the chart made. */
export const workloadOf = (
  deploymentId: string,
  component: string,
  available: number,
  replicas = 1,
): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: component === "worker" ? "StatefulSet" : "Deployment",
  metadata: {
    name: `${deploymentId}-${component}`,
    namespace: "airflow",
    creationTimestamp: "2026-01-01T00:00:00Z",
    labels: { component, "houston/deployment": deploymentId },
  },
  spec: { replicas },
  status: { observedGeneration: 1, availableReplicas: available },
});

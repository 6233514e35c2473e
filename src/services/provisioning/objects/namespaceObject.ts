import type { Config } from "../../../platform/config/config.ts";
import type { KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";
import { deploymentLabels, MANAGED_BY } from "../values/labels.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";

type Wanted = Pick<WantedDeployment, "namespace" | "settings">;

/**
 * Whether Houston creates the namespace of a Deployment, and removes it with the Deployment: not one that an operator
 * created before, nor that of the platform, which Deployments share with `helm.singleNamespace`.
 */
export const ownsNamespace = ({ namespace, settings }: Wanted, { kubernetes, helm }: Config): boolean =>
  !kubernetes.namespaced && !helm.singleNamespace && !settings.preCreatedNamespaces.includes(namespace);

/** The Namespace of a Deployment. */
export const namespaceObject = (wanted: WantedDeployment, config: Config): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: {
    name: wanted.namespace,
    labels: { ...wanted.settings.namespaceLabels, ...MANAGED_BY, ...deploymentLabels(wanted, config) },
  },
});
